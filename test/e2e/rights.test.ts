/** A token changes nothing, and learns nothing, for which its user has no permission: neither content nor what is known of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { createContent } from '../support/content.ts';
import {
	type Action,
	allow,
	connect,
	DATA_SYNC_POLICY,
	DATA_SYNC_USER,
	giveToken,
	SOURCES,
} from '../support/data-sync.ts';
import { reference } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';
import { batch, change, stamp } from '../support/wire.ts';

type Result = { outcome: string; code?: string; message?: string; leftOut?: string[] };
type Answer = { data?: { results: Result[] }; errors?: { message: string; extensions: { code: string } }[] };

const MINUTES = 60_000;
const UNKNOWN = '99999999-9999-4999-8999-999999999999';
const FORBIDDEN = { outcome: 'failed', code: 'forbidden' };

let postgres: Postgres;
let instance: Instance;
let token: string;
let article: string;

beforeAll(async () => {
	postgres = await startPostgres();
	instance = await startInstance({ name: 'receiver', database: { postgres } });
	await createContent(instance);
	await instance.data('POST', '/fields/articles', reference('role', 'uuid'));
	await instance.data('POST', '/relations', {
		collection: 'articles',
		field: 'role',
		related_collection: 'directus_roles',
		schema: { on_delete: 'SET NULL' },
	});
	token = await giveToken(instance);
	// So that the feed knows the items.
	await connect(instance, instance, [
		{ collection: 'articles', fields: ['title', 'body'] },
		{ collection: 'tickets', fields: ['title'] },
	]);
	article = (await instance.createItem('articles', { title: 'Ours', body: 'Ours' })).id as string;
	await instance.createItem('tickets', { title: 'Ours' });
	await waitFor('the feed', async () => (await settledRows()).length === 2);
}, 120_000);

beforeEach(async () => {
	const found = await instance.readItems('directus_permissions', { filter: { policy: { _eq: DATA_SYNC_POLICY } } });
	const ids = found.map(({ id }) => id);
	if (ids.length > 0) await instance.data('DELETE', '/permissions', ids);
});

afterAll(async () => {
	await instance?.destroy();
	await postgres?.stop();
});

const settledRows = () =>
	instance.sql('select * from data_sync_changes where seq is not null order by collection, item');

async function send(...changes: Item[]): Promise<Result[]> {
	const { status, body } = await instance.api<Answer>('POST', '/data-sync/changes', batch(changes), token);
	expect([status, body.errors]).toEqual([200, undefined]);
	return body.data?.results ?? [];
}

describe('without any permission', () => {
	test.each<[string, Item]>([
		['a life, which would wipe what is known of the fields', { life: 3, fields: {} }],
		['a deletion', { life: 2, fields: {} }],
		['a value', { fields: { title: 'Theirs' } }],
		['an older value, which would be a conflict', { at: stamp(-60 * MINUTES), fields: { title: 'Theirs' } }],
		['a question whether it is there', { mode: 'probe', fields: {} }],
		['a value in case it is there', { mode: 'update', fields: { title: 'Theirs' } }],
		['a value in case it is not there', { mode: 'create', fields: { title: 'Theirs' } }],
	])('of an item that is there, %s is refused', async (_title, overrides) => {
		const before = await settledRows();
		expect(await send(change({ item: article, ...overrides }))).toMatchObject([FORBIDDEN]);
		expect(await settledRows()).toEqual(before);
		expect(await instance.readItem('articles', article)).toMatchObject({ title: 'Ours', body: 'Ours' });
		expect(await instance.sql('select * from data_sync_conflicts')).toEqual([]);
	});

	test.each<[string, Item]>([
		['its deletion', { life: 2, fields: {} }],
		['its creation', { life: 1 }],
		['a question whether it is there', { mode: 'probe', fields: {} }],
		['a value in case it is there', { mode: 'update' }],
	])('of an item that is not there, %s is refused', async (_title, overrides) => {
		const before = await settledRows();
		expect(await send(change({ item: UNKNOWN, ...overrides }))).toMatchObject([FORBIDDEN]);
		expect(await settledRows()).toEqual(before);
	});

	test('births of items that have had a counted key are not taken, nor is a conflict of keys told', async () => {
		const before = await settledRows();
		const buried = [stamp(-MINUTES), stamp(-2 * MINUTES)];
		const ticket = { collection: 'tickets', item: '1', born: stamp(-5 * MINUTES), fields: {} };
		expect(await send(change({ ...ticket, buried }))).toMatchObject([FORBIDDEN]);
		expect(await send(change({ ...ticket, life: 2, buried }))).toMatchObject([FORBIDDEN]);
		expect(await settledRows()).toEqual(before);
	});
});

describe('what is known of an item takes the permission of what it stands for', () => {
	test.each<[Action[], Item, object]>([
		[['delete'], { item: UNKNOWN, life: 2, fields: {} }, { outcome: 'applied' }],
		[['create', 'update'], { item: crypto.randomUUID(), life: 2, fields: {} }, FORBIDDEN],
		[['delete', 'create'], { life: 3, fields: {} }, FORBIDDEN],
		[['update'], { life: 3, fields: {} }, { outcome: 'applied' }],
		[['create'], { mode: 'create', fields: { title: 'Theirs' } }, { outcome: 'skipped' }],
		[['update'], { mode: 'probe', fields: {} }, { outcome: 'wanted' }],
	])('with %s, %s is answered by %s', async (actions, overrides, expected) => {
		await allow(instance, ['articles'], actions);
		expect(await send(change({ item: article, ...overrides }))).toMatchObject([expected]);
	});
});

describe('a reference', () => {
	beforeEach(() => allow(instance, ['articles']));

	test('that is an object is refused: nothing is written along with an item', async () => {
		await allow(instance, ['authors']);
		const fields = { title: 'Nested', author: { name: 'Nested' } };
		const [result] = await send(change({ fields }));
		expect(result).toMatchObject({ outcome: 'failed', code: 'invalid_value' });
		expect(result?.message).toMatch(/"author".*by an object/);
		expect(await instance.readItems('authors')).toEqual([]);
	});

	test('to a system collection is left out where the database says that it leads nowhere', async () => {
		const sent = change({ fields: { title: 'Role', role: UNKNOWN }, onMissing: { role: 'leave' } });
		expect(await send(sent)).toMatchObject([{ outcome: 'applied', leftOut: ['role'] }]);
		expect(await instance.readItem('articles', sent.item as string)).toMatchObject({ title: 'Role', role: null });
	});
});

test('collections are described to those who have a permission in them, system collections to nobody', async () => {
	await allow(instance, ['pages'], ['create']);
	const collections = ['pages', 'articles', 'directus_users', 'data_sync_state'].map((collection) => ({
		collection,
		fields: ['title', 'email'],
	}));
	const asked = { protocol: 1, collections };
	type Shapes = { data: { shapes: { collection: string }[] } };
	const { body } = await instance.api<Shapes>('POST', '/data-sync/shapes', asked, token);
	expect(body.data.shapes.map(({ collection }) => collection)).toEqual(['pages']);
});

test.each<[string, Item]>([
	['a deletion', { life: 2, fields: {}, at: stamp(60 * MINUTES), over: null }],
	['what a deletion replaced', { life: 2, fields: {}, at: stamp(), over: stamp(60 * MINUTES) }],
	['what a value replaced', { over: stamp(60 * MINUTES) }],
	['a buried birth', { buried: [stamp(60 * MINUTES)] }],
])('%s that lies ahead of the clock is refused', async (_title, overrides) => {
	await allow(instance, ['articles']);
	const sent = batch([change({ item: UNKNOWN, ...overrides })]);
	const { status, body } = await instance.api<Answer>('POST', '/data-sync/changes', sent, token);
	expect([status, body.errors?.[0]?.extensions.code]).toEqual([409, 'CLOCK_AHEAD']);
});

test('a clock that was far ahead is not gone on with after a restart', async () => {
	await instance.stop();
	await instance.sql('update data_sync_state set clock = ?', [stamp(24 * 60 * MINUTES)]);
	await instance.start();
	const { body } = await instance.api<{ data: { clock: string } }>('GET', '/data-sync/info', undefined, token);
	const ahead = Number.parseInt(body.data.clock.slice(0, 12), 16) - Date.now();
	expect(ahead).toBeLessThanOrEqual(5 * MINUTES);
});

test('with admin access the Data Sync user is refused, in words that its senders are shown', async () => {
	const policy = await instance.data<Item>('POST', '/policies', { name: 'Admins', admin_access: true });
	const { id } = await instance.data<Item>('POST', '/access', { user: DATA_SYNC_USER, policy: policy.id });
	const { status, body } = await instance.api<Answer>('POST', '/data-sync/changes', batch(), token);
	expect([status, body.errors?.[0]?.extensions.code]).toEqual([403, 'RECEIVER_IS_ADMIN']);
	expect(body.errors?.[0]?.message).toMatch(/has admin access.*Take from it/);
	await instance.data('DELETE', `/access/${id}`);
});

test('a policy that an admin has taken from the Data Sync user is not given back by a restart', async () => {
	const access = { filter: { user: { _eq: DATA_SYNC_USER } } };
	const [given] = await instance.readItems('directus_access', access);
	await instance.data('DELETE', `/access/${given?.id}`);
	await instance.stop();
	await instance.start();
	expect(await instance.readItems('directus_access', access)).toEqual([]);
	expect((await instance.readItems(SOURCES)).length).toBe(1);
});
