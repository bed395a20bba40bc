/** What one item, one value or one batch has wrong is its own affair: nothing else waits for it, in either direction. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { createContent, PAGES } from '../support/content.ts';
import { allow, connect, DELIVERIES, giveToken, type ListingInput, SOURCES } from '../support/data-sync.ts';
import { field, integer, text, textKey } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';
import { batch, change, stamp } from '../support/wire.ts';

type Applied = { data: { results: { outcome: string; code?: string; message?: string }[] } };

const WIDE = Array.from({ length: 60 }, (_, index) => `${'unknown_'.repeat(6)}${index}`);
const LISTING: ListingInput[] = [
	PAGES,
	{ collection: 'codes', fields: ['code'] },
	{ collection: 'numbers', fields: ['title', 'next'] },
	{ collection: 'slugs', fields: ['title'] },
	{ collection: 'wide', fields: ['title', ...WIDE] },
];

let postgres: Postgres;
let sqlite: Instance;
let postgresql: Instance;
let token: string;

beforeAll(async () => {
	postgres = await startPostgres();
	[sqlite, postgresql] = await Promise.all([
		startInstance({ name: 'sqlite' }),
		startInstance({ name: 'postgresql', database: { postgres } }),
	]);

	for (const instance of [sqlite, postgresql]) {
		await createContent(instance);
		const key = field('id', 'integer', {}, { is_primary_key: true, is_nullable: false });
		await instance.createCollection('numbers', [key, text('title'), integer('next')]);
		await instance.data('POST', '/relations', { collection: 'numbers', field: 'next', related_collection: 'numbers' });
		const unique = { is_unique: instance === postgresql };
		await instance.createCollection('codes', [textKey(), field('code', 'text', { interface: 'input' }, unique)]);
		await instance.createCollection('slugs', [textKey(), text('title')]);
		await allow(instance, ['pages', 'numbers', 'slugs', 'wide', 'codes']);
	}
	await sqlite.createCollection('wide', [textKey(), text('title'), ...WIDE.map((name) => text(name))]);
	await postgresql.createCollection('wide', [textKey(), text('title')]);
	token = await giveToken(postgresql);
	await connect(sqlite, postgresql, LISTING);
	await connect(postgresql, sqlite, LISTING);
}, 400_000);

afterAll(async () => {
	for (const instance of [sqlite, postgresql]) await instance?.destroy();
	await postgres?.stop();
});

test('a value that the remote refuses and repeats is one delivery that still says what to do', async () => {
	const taken = 'x'.repeat(3000);
	await postgresql.createItem('codes', { id: 'theirs', code: taken });
	await sqlite.createItems('codes', [
		{ id: 'ours', code: taken },
		{ id: 'beside', code: 'free' },
	]);
	await sqlite.createItem('pages', { slug: 'long', title: taken });
	const row = await delivery('codes', 'ours');
	expect(row).toMatchObject({ status: 'failed', code: 'not_unique' });
	expect(row.message).toMatch(/^codes ours: Value .*x … x.*has to be unique.* change one of the two\.$/);
	expect(await delivery('pages', 'long')).toMatchObject({ status: 'failed', code: 'invalid_value' });
	await waitFor('the other', () => postgresql.readItem('codes', 'beside'));
	await expectFlow('pages', 'after a long value');
});

test('sixty fields that a remote does not have are told by the first of them', async () => {
	await sqlite.createItems('wide', [
		{ id: 'one', title: 'Known', ...Object.fromEntries(WIDE.map((name) => [name, 'x'])) },
	]);
	const row = await delivery('wide', 'one');
	expect(row).toMatchObject({ status: 'failed', code: 'unknown_field' });
	expect(row.message).toMatch(/"unknown_.*and 50 more on the remote.*then resync\.$/);
	expect(await postgresql.readItem('wide', 'one')).toMatchObject({ title: 'Known' });
	await expectFlow('pages', 'after sixty fields');
});

test('a key beyond what the remote counts to, and one that refers to it, are deliveries of their own', async () => {
	await sqlite.createItems('numbers', [
		{ id: 1, title: 'Before' },
		{ id: 99_999_999_999, title: 'Beyond' },
		{ id: 2, title: 'Refers', next: 99_999_999_999 },
		{ id: 3, title: 'After', next: 1 },
	]);
	expect(await delivery('numbers', '99999999999')).toMatchObject({ status: 'failed', code: 'invalid_value' });
	await waitFor('the last', () => postgresql.readItem('numbers', 3));
	expect(await delivery('numbers', '2')).toMatchObject({ status: 'pending', code: 'missing_parent' });
	await expectFlow('pages', 'after numbers');
});

test('a key that is longer than any that travels is a delivery of its own', async () => {
	const long = 'k'.repeat(300);
	await sqlite.createItems('slugs', [{ id: long }, { id: 'short' }]);
	await waitFor('the other', () => postgresql.readItem('slugs', 'short'));
	const row = await delivery('slugs', long);
	expect(row).toMatchObject({ status: 'failed', code: 'invalid_value' });
	expect(row.message).toMatch(/key.*255 characters/);
	await expectFlow('pages', 'after a long key');
});

test('a path of a thousand nodes does not keep the receiver from passing anything on', async () => {
	const path = Array.from({ length: 1000 }, (_, index) => (index + 1).toString(16).padStart(12, 'a'));
	const sent = batch([change({ collection: 'pages', item: 'long-path', fields: { title: 'Passed on' } })], { path });
	const { status, body } = await postgresql.api<Applied>('POST', '/data-sync/changes', sent, token);
	expect([status, body.data.results]).toEqual([200, [{ outcome: 'applied' }]]);
	await waitFor('it to be passed on', () => sqlite.readItem('pages', 'long-path'));
});

test('no life can be raised so far that the item can not be deleted any more', async () => {
	const lives = [1, 2 ** 31 - 1, 2 ** 30 + 1];
	const sent = batch(lives.map((life) => change({ collection: 'pages', item: `life-${life}`, life, born: stamp() })));
	const { body } = await postgresql.api<Applied>('POST', '/data-sync/changes', sent, token);
	expect(body.data.results).toMatchObject([
		{ outcome: 'applied' },
		{ code: 'invalid_value' },
		{ code: 'invalid_value' },
	]);
	await waitFor('the first to be passed on', () => sqlite.readItem('pages', 'life-1'));
	await postgresql.deleteItem('pages', 'life-1');
	await waitFor('its deletion', async () => (await sqlite.readItem('pages', 'life-1')) === null);

	// One that an older version has taken.
	await postgresql.createItem('pages', { slug: 'poisoned', title: 'Poisoned' });
	await waitFor('it to arrive', () => sqlite.readItem('pages', 'poisoned'));
	await postgresql.sql(`update data_sync_changes set life = 2147483647 where item = 'poisoned'`);
	await postgresql.deleteItem('pages', 'poisoned');
	await expectFlow('pages', 'after a poisoned life', postgresql, sqlite);
});

const delivery = (collection: string, item: string): Promise<Item> =>
	waitFor(`the delivery of ${collection} ${item.slice(0, 30)}`, async () => {
		const found = await sqlite.readItems(DELIVERIES, { filter: { collection: { _eq: collection } } });
		return found.find((row) => row.item === item);
	});

/** What is written now arrives, and no source is in trouble. */
async function expectFlow(collection: string, slug: string, from = sqlite, to = postgresql): Promise<void> {
	if (!(await from.readItem(collection, slug))) await from.createItem(collection, { slug, title: 'Flows' });
	await waitFor(`${slug} to arrive`, () => to.readItem(collection, slug));
	for (const source of await from.readItems(SOURCES)) expect(source.last_error).toBeNull();
}
