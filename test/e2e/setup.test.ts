/** Setup creates what is missing, and never touches what is there. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { CONTENT, createContent } from '../support/content.ts';
import { connect, DATA_SYNC_POLICY, DATA_SYNC_USER, PUSH_FLOW, RESYNC_FLOW, SOURCES } from '../support/data-sync.ts';
import { createInstance, type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';

const TABLES = [
	'directus_flows',
	'directus_operations',
	'directus_policies',
	'directus_permissions',
	'directus_users',
	'directus_access',
	'directus_collections',
	'directus_fields',
	'directus_relations',
	'directus_notifications',
	'data_sync_remote_sources',
	'data_sync_state',
	'data_sync_checkpoints',
	'data_sync_leases',
];

describe('a fresh instance', () => {
	let instance: Instance;

	beforeAll(async () => {
		instance = await startInstance({ name: 'fresh', env: { LOG_LEVEL: 'info' } });
	});
	afterAll(() => instance.destroy());

	test('has everything after its first start, and says so in one line', async () => {
		const collections = await instance.data<Item[]>('GET', '/collections');
		const ours = collections.filter((each) => String(each.collection).startsWith('data_sync_'));
		expect(ours.filter(({ meta }) => meta).map(({ collection }) => collection)).toEqual([
			'data_sync_deliveries',
			'data_sync_remote_sources',
			'data_sync_remote_sources_directus_users',
		]);
		expect(await instance.data('GET', `/flows/${PUSH_FLOW}`)).toMatchObject({ status: 'active', trigger: 'event' });
		expect(await instance.data('GET', `/flows/${RESYNC_FLOW}`)).toMatchObject({ status: 'active', trigger: 'manual' });
		const user = await instance.data<Item>('GET', `/users/${DATA_SYNC_USER}?fields=*,policies.policy.*`);
		expect(user).toMatchObject({
			status: 'active',
			token: null,
			role: null,
			policies: [{ policy: { id: DATA_SYNC_POLICY, admin_access: false, app_access: false } }],
		});
		expect((await instance.log()).match(/Data Sync: setup has created/g)).toHaveLength(1);
	});

	test('gets exactly the same rows when it starts again, with what an admin has changed', async () => {
		await createContent(instance);
		const other = { name: 'nowhere', url: 'http://127.0.0.1:9' };
		await instance.createItem(SOURCES, { ...other, api_key: 'key', status: 'published', schema: CONTENT });
		await instance.data('PATCH', `/flows/${PUSH_FLOW}`, {
			name: 'Renamed by an admin',
			icon: 'bolt',
			color: '#000000',
		});
		await instance.data('PATCH', `/flows/${RESYNC_FLOW}`, { status: 'inactive' });
		await instance.data('POST', `/fields/${SOURCES}`, { field: 'owner', type: 'string', schema: {}, meta: {} });
		await instance.data('PATCH', `/fields/${SOURCES}/url`, { meta: { note: 'Changed by an admin' } });
		await instance.data('PATCH', `/users/${DATA_SYNC_USER}`, { first_name: 'Renamed', token: 'kept' });
		await instance.data('PATCH', `/policies/${DATA_SYNC_POLICY}`, { name: 'Renamed policy' });
		await instance.data('PATCH', '/collections/data_sync_deliveries', { meta: { hidden: true } });
		await waitFor('the Flow to follow the source', async () => {
			const flow = await instance.data<{ options: Item }>('GET', `/flows/${PUSH_FLOW}`);
			expect([...(flow.options.collections as string[])].sort()).toEqual(CONTENT.map((each) => each.collection).sort());
			return true;
		});
		await waitFor('the first attempt', async () => (await instance.readItems(SOURCES))[0]?.last_error);

		await instance.stop();
		const before = await dump(instance);
		const logged = (await instance.log()).length;
		await instance.start();
		await instance.stop();
		expect(await dump(instance)).toEqual(before);
		expect((await instance.log()).slice(logged)).not.toMatch(/setup has created/);
		await instance.start();
		expect(await instance.data('GET', `/flows/${PUSH_FLOW}`)).toMatchObject({ name: 'Renamed by an admin' });
		expect(await instance.data('GET', `/flows/${RESYNC_FLOW}`)).toMatchObject({ status: 'inactive' });
	});

	test('gets back what was removed, and only that', async () => {
		await instance.data('DELETE', `/flows/${RESYNC_FLOW}`);
		await instance.data('DELETE', `/fields/${SOURCES}/last_synced_at`);
		const before = await instance.data('GET', `/flows/${PUSH_FLOW}`);
		await instance.stop();
		await instance.start();
		expect(await instance.data('GET', `/flows/${RESYNC_FLOW}?fields=*.*`)).toMatchObject({ status: 'active' });
		expect(await instance.data('GET', `/fields/${SOURCES}/last_synced_at`)).toMatchObject({ type: 'timestamp' });
		expect(await instance.data('GET', `/flows/${PUSH_FLOW}`)).toEqual(before);
	});

	test('follows the published sources: a draft is not in the Flow, nor one that was deleted', async () => {
		const listed = async () => {
			const flow = await instance.data<{ options: Item }>('GET', `/flows/${PUSH_FLOW}`);
			return [...(flow.options.collections as string[])].sort();
		};
		const [source] = await instance.readItems(SOURCES);
		await instance.updateItem(SOURCES, source?.id as string, { status: 'draft' });
		await waitFor('no collection', async () => (await listed()).length === 0);
		await connect(instance, instance, [{ collection: 'pages', fields: ['title'] }], { name: 'other' });
		await waitFor('the pages', async () => (await listed()).join() === 'pages');
		await instance.data('DELETE', `/items/${SOURCES}`, { query: { filter: { name: { _eq: 'other' } } } });
		await waitFor('no collection again', async () => (await listed()).length === 0);
	});
});

describe('two processes that start at the same moment on one database', () => {
	let postgres: Postgres;
	let first: Instance;
	let second: Instance;

	beforeAll(async () => {
		postgres = await startPostgres();
		const options = { awaitSetup: false, database: { postgres } };
		first = await createInstance({ ...options, name: 'first' });
		const { DB_DATABASE: database = '', PUBLIC_URL: url = '', SECRET: secret = '' } = first.env;
		const shared = { DB_DATABASE: database, PUBLIC_URL: url, SECRET: secret };
		second = await createInstance({ ...options, name: 'second', env: shared });
	});
	afterAll(async () => {
		await Promise.all([first?.destroy(), second?.destroy()]);
		await postgres?.stop();
	});

	test('creates everything once, and both work', async () => {
		await Promise.all([first.start(), second.start()]);
		for (const instance of [first, second]) {
			const headers = { authorization: `Bearer ${instance.adminToken}` };
			const info = await fetch(`http://127.0.0.1:${instance.env.PORT}/data-sync/info`, { headers });
			expect(info.status).toBe(200);
			expect(await instance.log()).not.toMatch(/could not create|setup failed/);
		}
		const relations = await first.sql("select * from directus_relations where many_collection like 'data_sync_%'");
		expect(relations).toHaveLength(3);
		expect(await first.sql('select * from data_sync_leases where owner is not null')).toEqual([]);
	});
});

async function dump(instance: Instance): Promise<Record<string, Item[]>> {
	const rows: Record<string, Item[]> = {};
	for (const table of TABLES) {
		const found = await instance.sql(`select * from ${table} order by 1`);
		rows[table] = found.map((row) =>
			Object.fromEntries(Object.entries(row).filter(([column]) => !VOLATILE.has(column))),
		);
	}
	return rows;
}

/** What a start may change without setup's doing: another attempt to reach a remote, an admin's visit. */
const VOLATILE = new Set([
	'attempts',
	'next_attempt_at',
	'owner',
	'expires_at',
	'last_access',
	'clock',
	'last_page',
	'notified_at',
]);
