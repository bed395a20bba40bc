/** Who may speak to the endpoint, and what a well-formed batch of an allowed sender may never touch. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createContent } from '../support/content.ts';
import { allow, DATA_SYNC_USER, giveToken } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { batch, change, stamp } from '../support/wire.ts';

type Refused = { errors: { message: string; extensions: { code: string } }[] };
type Applied = { data: { results: { outcome: string; code?: string; message?: string }[] } };

const CHANGES = '/data-sync/changes';
const USER_TOKEN = 'token-of-an-ordinary-user';

let instance: Instance;
let token: string;

beforeAll(async () => {
	instance = await startInstance({ name: 'receiver' });
	await createContent(instance);
	token = await giveToken(instance);
	await allow(instance, ['articles', 'pages']);

	// An ordinary user who may do in the content all that the Data Sync user may.
	const policy = await instance.data<{ id: string }>('POST', '/policies', { name: 'Editors' });
	const permissions = ['create', 'read', 'update', 'delete'].map((action) => ({
		policy: policy.id,
		collection: 'articles',
		action,
		fields: ['*'],
	}));
	await instance.data('POST', '/permissions', permissions);
	await instance.data('POST', '/users', {
		email: 'editor@example.com',
		token: USER_TOKEN,
		policies: [{ policy: policy.id }],
	});
});

afterAll(() => instance.destroy());

const feed = () => instance.sql('select * from data_sync_changes');

describe('changes are refused', () => {
	test.each<[string, () => string | null, number[]]>([
		['nobody', () => null, [401, 403]],
		['somebody with a wrong token', () => 'wrong', [401, 403]],
		['an ordinary user', () => USER_TOKEN, [403]],
		['an admin', () => instance.adminToken, [403]],
	])('from %s', async (_who, tokenOf, statuses) => {
		const { status } = await instance.api<Refused>('POST', CHANGES, batch(), tokenOf());
		expect(statuses).toContain(status);
		expect(await instance.readItems('articles')).toEqual([]);
		expect(await feed()).toEqual([]);
	});

	test('from an admin in words that say whose token it takes', async () => {
		const { body } = await instance.api<Refused>('POST', CHANGES, batch(), instance.adminToken);
		expect(body.errors[0]?.message).toMatch(/Data Sync Directus.*static token/);
	});

	test('from the Data Sync user once it is suspended', async () => {
		await instance.data('PATCH', `/users/${DATA_SYNC_USER}`, { status: 'suspended' });
		const { status } = await instance.api<Refused>('POST', CHANGES, batch(), token);
		expect([401, 403]).toContain(status);
		await instance.data('PATCH', `/users/${DATA_SYNC_USER}`, { status: 'active' });
	});
});

describe('information', () => {
	test('about the node is for the Data Sync user and admins', async () => {
		const asReceiver = await instance.api<{ data: object }>('GET', '/data-sync/info', undefined, token);
		expect(asReceiver.body.data).toMatchObject({ protocol: 1, receiver: true, limits: { changes: 1000 } });
		const asAdmin = await instance.api<{ data: object }>('GET', '/data-sync/info');
		expect(asAdmin.body.data).toMatchObject({ protocol: 1, receiver: false });
		expect((await instance.api('GET', '/data-sync/info', undefined, USER_TOKEN)).status).toBe(403);
		expect([401, 403]).toContain((await instance.api('GET', '/data-sync/info', undefined, null)).status);
	});

	test('about the sources is for those who may read them', async () => {
		expect((await instance.api('GET', '/data-sync/status')).status).toBe(200);
		expect((await instance.api('GET', '/data-sync/status', undefined, USER_TOKEN)).status).toBe(403);
		expect((await instance.api('GET', '/data-sync/status', undefined, token)).status).toBe(403);
		expect([401, 403]).toContain((await instance.api('GET', '/data-sync/status', undefined, null)).status);
	});
});

describe('system collections are refused, whatever permissions there are', () => {
	beforeAll(() => allow(instance, ['directus_users', 'directus_settings', 'data_sync_remote_sources']));

	test.each([
		'directus_users',
		'directus_settings',
		'directus_policies',
		'directus_permissions',
		'directus_access',
		'directus_flows',
		'directus_operations',
		'directus_extensions',
		'data_sync_remote_sources',
		'data_sync_deliveries',
		'data_sync_state',
		'DIRECTUS_USERS',
		'__proto__',
		'sqlite_master',
		'no_such_collection',
	])('%s', async (collection) => {
		const before = await instance.sql('select * from directus_users order by id');
		const good = change({ fields: { title: `Beside ${collection}` } });
		const bad = [
			change({ collection, item: crypto.randomUUID(), fields: { id: 1, email: 'evil@example.com', status: 'active' } }),
			change({ collection, item: DATA_SYNC_USER, fields: { first_name: 'Evil', token: 'evil', project_name: 'Evil' } }),
			change({ collection, item: '1', fields: { project_name: 'Evil' } }),
			change({ collection, item: DATA_SYNC_USER.replace('7', '8'), life: 2, fields: {} }),
		];
		const { status, body } = await instance.api<Applied>(
			'POST',
			CHANGES,
			batch([bad[0], good, ...bad.slice(1)]),
			token,
		);
		expect(status).toBe(200);
		const [first, beside, ...rest] = body.data.results;
		expect(beside).toEqual({ outcome: 'applied' });
		for (const result of [first, ...rest]) {
			expect(result?.outcome).toBe('failed');
			expect(result?.code).toMatch(/^(system_collection|unknown_collection)$/);
			expect(result?.message).toContain(collection);
		}
		expect(await instance.sql('select * from directus_users order by id')).toEqual(before);
		expect(JSON.stringify(await instance.sql('select * from directus_settings'))).not.toContain('Evil');
		expect(await instance.sql('select * from data_sync_remote_sources')).toEqual([]);
		expect((await instance.sql('select * from data_sync_changes where collection = ?', [collection])).length).toBe(0);
	});
});

test('fields that a remote does not have are named, and the others are applied', async () => {
	const sent = change({ fields: { title: 'Known', subtitle: 'Unknown', toString: 1, id: 'evil' } });
	const { body } = await instance.api<Applied>('POST', CHANGES, batch([sent]), token);
	expect(body.data.results).toMatchObject([{ outcome: 'applied', code: 'unknown_field' }]);
	expect(body.data.results[0]?.message).toContain('"subtitle"');
	expect(await instance.readItem('articles', sent.item as string)).toMatchObject({ title: 'Known' });
});

test('the same batch twice changes nothing the second time', async () => {
	const sent = batch([change({ item: 'twice', collection: 'pages', born: stamp() })]);
	expect((await instance.api<Applied>('POST', CHANGES, sent, token)).body.data.results).toMatchObject([
		{ outcome: 'applied' },
	]);
	const rows = await instance.sql('select collection, item, life, stamps from data_sync_changes');
	expect((await instance.api<Applied>('POST', CHANGES, sent, token)).body.data.results).toMatchObject([
		{ outcome: 'unchanged' },
	]);
	expect(await instance.sql('select collection, item, life, stamps from data_sync_changes')).toEqual(rows);
});
