/** Keys of every kind, between two databases, through everything that names an item. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { readBacklog, waitUntilDelivered } from '../support/backlog.ts';
import { allow, connectAll, DATA_SYNC_POLICY, DELIVERIES, resync } from '../support/data-sync.ts';
import { autoIncrementKey, field, text, textKey, uuidKey } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';

const COLLECTIONS = ['slugs', 'numbers', 'counted', 'uuids'];
const LISTING = COLLECTIONS.map((collection) => ({ collection, fields: ['title'] }));

const SLUGS = [
	'a,b',
	'a/b',
	'/',
	'a b',
	' a',
	'a ',
	'100 %',
	'%41',
	'"quoted"',
	"it's",
	'`',
	'\\',
	'?a=b&c#d',
	'.',
	'..',
	'ünï',
	'e\u0301',
	'\u00e9',
	'日本',
	'🎉',
	'A',
	'a',
	'0',
	'00',
	'-1',
	'1e3',
	'null',
	'[]',
	'{{x}}',
	'$NOW',
	'constructor',
	'__proto__',
	'new\nline',
	'x'.repeat(255),
];
const NUMBERS = ['1', '-5', '9007199254740991', '9007199254740992', '9007199254740993', '9223372036854775807'];

let postgres: Postgres;
let pair: [sqlite: Instance, postgres: Instance];

beforeAll(async () => {
	postgres = await startPostgres();
	pair = await Promise.all([
		startInstance({ name: 'sqlite' }),
		startInstance({ name: 'postgres', database: { postgres } }),
	]);

	for (const instance of pair) {
		const primary = { is_primary_key: true, is_nullable: false };
		await instance.createCollection('slugs', [textKey(), text('title')]);
		await instance.createCollection('numbers', [field('id', 'bigInteger', {}, primary), text('title')]);
		await instance.createCollection('counted', [autoIncrementKey(), text('title')]);
		await instance.createCollection('uuids', [uuidKey(), text('title')]);
	}

	await connectAll(pair, LISTING);
});

afterAll(async () => {
	for (const instance of pair ?? []) await instance.destroy();
	await postgres?.stop();
});

describe.each([
	['SQLite to PostgreSQL', 0, 1],
	['PostgreSQL to SQLite', 1, 0],
] as const)('from %s', (_direction, here, there) => {
	describe.each([
		['text', 'slugs', SLUGS],
		['large numbers', 'numbers', NUMBERS],
	] as const)('keys that are %s', (_kind, collection, keys) => {
		test('are created, updated and sent again', async () => {
			await pair[here].createItems(
				collection,
				keys.map((id) => ({ id, title: `${id.slice(0, 200)} created` })),
			);
			await expectTitles(collection, titles(keys, 'created'));

			for (const key of keys) {
				const body = { keys: [key], data: { title: `${key.slice(0, 200)} updated` } };
				await pair[here].data('PATCH', `/items/${collection}`, body);
			}
			await expectTitles(collection, titles(keys, 'updated'));

			await pair[there].sql(`update ${collection} set title = null`);
			expect(await resync(pair[here], collection, [...keys])).toMatchObject({ queued: keys.length });
			// What was written past Directus counts as an edit there, and comes back.
			await expectTitles(collection, new Map(keys.map((key) => [key, null])));
		});

		test('are refused, listed as deliveries and tried again', async () => {
			const filter = { policy: { _eq: DATA_SYNC_POLICY }, collection: { _eq: collection } };
			const permissions = await pair[there].readItems('directus_permissions', { filter });
			const ids = permissions.map(({ id }) => id);
			await pair[there].data('DELETE', '/permissions', ids);
			await pair[here].data('PATCH', `/items/${collection}`, { keys, data: { title: 'refused at first' } });
			const deliveries = await waitFor('the deliveries', async () => {
				const found = await pair[here].readItems(DELIVERIES);
				return found.length === keys.length && found;
			});
			expect(deliveries.map(({ item }) => item).sort()).toEqual([...keys].sort());
			await allow(pair[there], [collection]);
			await resync(pair[here], DELIVERIES);
			await expectTitles(collection, new Map(keys.map((key) => [key, 'refused at first'])));
		});

		test('are deleted', async () => {
			await pair[here].data('DELETE', `/items/${collection}`, [...keys]);
			await expectTitles(collection, new Map());
		});
	});

	test('a counter goes on behind keys that came from elsewhere, and never goes back', async () => {
		const [{ id: before }] = (await pair[there].createItems('counted', [{ title: 'before' }])) as [{ id: number }];
		const explicit = before + 100;
		await pair[here].createItem('counted', { id: explicit, title: 'explicit' });
		await quiet();
		const { id: after } = await pair[there].createItem('counted', { title: 'after' });
		expect(after).toBeGreaterThan(explicit);

		await pair[there].deleteItem('counted', after as number);
		await quiet();
		await pair[here].createItem('counted', { id: explicit - 50, title: 'in between' });
		await quiet();
		const { id: last } = await pair[there].createItem('counted', { title: 'last' });
		expect(last).toBeGreaterThan(after as number);
		await quiet();
		await expectTitles('counted', await readTitles(pair[there], 'counted'));
	});

	test('a number may be written in another way', async () => {
		const { id } = await pair[here].createItem('counted', { title: 'seven' });
		await quiet();
		await pair[here].data('PATCH', `/items/counted/00${id}`, { title: 'double o seven' });
		await quiet();
		expect(await pair[there].readItem('counted', id as number)).toMatchObject({ title: 'double o seven' });
	});
});

test('a UUID may be written in capital letters where the database takes it for the same', async () => {
	const id = randomUUID();
	await pair[1].createItem('uuids', { id: id.toUpperCase(), title: 'created' });
	await pair[1].data('PATCH', `/items/uuids/${id.toUpperCase()}`, { title: 'updated' });
	await quiet();
	expect(await pair[0].readItem('uuids', id)).toMatchObject({ title: 'updated' });
	await pair[0].updateItem('uuids', id, { title: 'answered' });
	await quiet();
	expect(await pair[1].readItem('uuids', id)).toMatchObject({ title: 'answered' });
});

test('where it is another key it is refused, with the reason', async () => {
	const id = 'ABCDEF00-0000-4000-8000-00000000ABCD';
	await pair[0].createItem('uuids', { id, title: 'capital' });
	const [delivery] = await waitFor('the delivery', async () => {
		const { deliveries } = await readBacklog(pair[0]);
		return deliveries.length > 0 && deliveries;
	});
	expect(delivery).toMatchObject({
		item: id,
		code: 'invalid_value',
		message: expect.stringContaining('capital letters'),
	});
	await pair[0].deleteItem('uuids', id);
	await quiet();
	expect(await pair[1].readItems('uuids', { filter: { title: { _eq: 'capital' } } })).toEqual([]);
});

const titles = (keys: readonly string[], what: string) =>
	new Map(keys.map((key) => [key, `${key.slice(0, 200)} ${what}`] as const));

async function quiet(): Promise<void> {
	for (const instance of [...pair, ...pair]) await waitUntilDelivered(instance);
}

async function expectTitles(collection: string, expected: ReadonlyMap<string, string | null>): Promise<void> {
	await quiet();
	for (const instance of pair) expect(await readTitles(instance, collection)).toEqual(expected);
}

/** By key as the database has it: SQLite's driver would round large ones. */
async function readTitles(instance: Instance, collection: string): Promise<Map<string, string | null>> {
	const rows = await instance.sql<Item>(`select cast(id as text) as id, title from ${collection}`);
	return new Map(rows.map(({ id, title }) => [id as string, title as string | null]));
}
