/** Deletions are forgotten once they are old and known everywhere; a remote that was not told of them says so. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { readBacklog, waitUntilDelivered } from '../support/backlog.ts';
import { createContent, PAGES } from '../support/content.ts';
import { allow, connect, resync, SOURCES, setStatus } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';

let postgres: Postgres;
let north: Instance;
let south: Instance;
let southward: string;

beforeAll(async () => {
	postgres = await startPostgres();
	const env = { DATA_SYNC_TOMBSTONE_DAYS: '0' };
	[north, south] = await Promise.all([
		startInstance({ name: 'north', env }),
		startInstance({ name: 'south', env, database: { postgres } }),
	]);
	await Promise.all([north, south].map(createContent));
	await Promise.all([north, south].map((instance) => allow(instance, ['pages', 'authors'])));
	const admin = (await north.data<{ id: string }>('GET', '/users/me')).id;
	southward = await connect(north, south, [PAGES, { collection: 'authors', fields: ['name'] }], { notify: [admin] });
	await connect(south, north, [PAGES]);
});

afterAll(async () => {
	await Promise.all([north, south].map((instance) => instance?.destroy()));
	await postgres?.stop();
});

const settled = () => Promise.all([north, south].map((instance) => waitUntilDelivered(instance)));
const lives = async (instance: Instance, collection: string): Promise<Record<string, number>> => {
	const rows = await instance.sql<{ item: string; life: number }>(
		'select item, life from data_sync_changes where collection = ?',
		[collection],
	);
	return Object.fromEntries(rows.map(({ item, life }) => [item, Number(life)]));
};
/** Each start cleans once; what a source that is gone has left behind is dropped last. */
const clean = async (instance: Instance) => {
	await instance.stop();
	await instance.sql("insert into data_sync_checkpoints (source, seq, target, attempts) values ('gone', 0, 0, 0)");
	await instance.start();
	await waitFor(`${instance.name} to have cleaned`, async () => {
		const left = await instance.sql("select source from data_sync_checkpoints where source = 'gone'");
		return left.length === 0;
	});
};
const sourceStatus = async () => {
	const { sources } = await north.data<{ sources: Item[] }>('GET', '/data-sync/status');
	return sources.find(({ source }) => source === southward);
};

test.each([
	['SQLite', () => [north, south]],
	['PostgreSQL', () => [south, north]],
])('a deletion that all have acknowledged is forgotten on %s, and its key can be used again', async (name, pair) => {
	const [instance, remote] = pair() as [Instance, Instance];
	const slug = `home-${name}`;
	await instance.createItem('pages', { slug, title: 'First' });
	await instance.createItem('pages', { slug: `stays-${name}`, title: 'Stays' });
	await settled();
	await instance.deleteItem('pages', slug);
	await settled();
	expect(await lives(instance, 'pages')).toMatchObject({ [slug]: 2 });

	await clean(instance);
	expect(await lives(instance, 'pages')).not.toHaveProperty(slug);
	expect(await lives(instance, 'pages')).toMatchObject({ [`stays-${name}`]: 1 });
	expect(await lives(remote, 'pages')).toMatchObject({ [slug]: 2 });

	await instance.createItem('pages', { slug, title: 'Second' });
	await settled();
	expect(await remote.readItem('pages', slug)).toMatchObject({ title: 'Second' });
	await remote.updateItem('pages', slug, { title: 'Third' });
	await settled();
	expect(await instance.readItem('pages', slug)).toMatchObject({ title: 'Third' });
	await instance.deleteItem('pages', slug);
	await settled();
	expect(await remote.readItem('pages', slug)).toBeNull();
});

test('a deletion that a published source has not acknowledged is kept', async () => {
	await north.createItem('pages', { slug: 'unacknowledged', title: 'Known' });
	await settled();
	await south.stop();
	await north.deleteItem('pages', 'unacknowledged');
	await clean(north);
	expect(await lives(north, 'pages')).toHaveProperty('unacknowledged');
	await south.start();
	await north.updateItem(SOURCES, southward, { name: 'south' });
	await settled();
	expect(await south.readItem('pages', 'unacknowledged')).toBeNull();
});

test('a source that was paused meanwhile says what its remote misses, once, until all is sent again', async () => {
	await north.createItem('pages', { slug: 'missed', title: 'Known' });
	await settled();
	await setStatus(north, southward, 'draft');
	await north.deleteItem('pages', 'missed');
	await waitFor('the deletion to be settled', async () => {
		const { unnoted, unsettled } = await readBacklog(north);
		return unnoted + unsettled === 0;
	});
	await clean(north);
	expect(await lives(north, 'pages')).not.toHaveProperty('missed');
	expect(await sourceStatus()).toMatchObject({ state: 'paused', reconcile: false });
	const before = await north.readItems('directus_notifications');

	await setStatus(north, southward, 'published');
	await north.createItem('pages', { slug: 'goes-on', title: 'Goes on' });
	await settled();
	expect(await south.readItem('pages', 'goes-on')).toMatchObject({ title: 'Goes on' });
	expect(await south.readItem('pages', 'missed')).toMatchObject({ title: 'Known' });
	const told = { state: 'incomplete', reconcile: true, error: expect.stringMatching(/delete on the remote.*resync/) };
	await waitFor('the status', async () => {
		expect(await sourceStatus()).toMatchObject(told);
		return true;
	});
	const [source] = await north.readItems(SOURCES);
	expect(source?.last_error).toMatch(/delete on the remote.*resync/);
	const notified = (await north.readItems('directus_notifications')).slice(before.length);
	expect(notified.map(({ subject }) => subject)).toEqual(['Data Sync: "south" misses deletions']);

	await south.deleteItem('pages', 'missed');
	await resync(north, SOURCES, [southward]);
	await settled();
	await waitFor('the status to be clear', async () => {
		expect(await sourceStatus()).toMatchObject({ state: 'synced', reconcile: false, error: null });
		expect((await north.readItems(SOURCES))[0]).toMatchObject({ last_error: null });
		return true;
	});
	expect(await north.readItems('directus_notifications')).toHaveLength(before.length + 1);
});

test('rows of a collection that no source lists any more are dropped, but for what a remote has told', async () => {
	const { id } = await north.createItem('authors', { name: 'Someone' });
	await settled();
	expect(await south.readItem('authors', id as string)).toMatchObject({ name: 'Someone' });
	expect(await lives(north, 'authors')).toEqual({ [id as string]: 1 });
	await north.updateItem(SOURCES, southward, { schema: [PAGES] });
	await settled();

	for (const instance of [north, south]) {
		// The first time it is noted that nobody lists them.
		await clean(instance);
		await clean(instance);
	}
	expect(await lives(north, 'authors')).toEqual({});
	expect(await lives(south, 'authors')).toEqual({ [id as string]: 1 });
	expect(await lives(north, 'pages')).toHaveProperty('goes-on');
});
