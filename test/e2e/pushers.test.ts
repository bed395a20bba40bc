/** Each remote may have a user of its own: whoever holds the policy "Data Sync" pushes, and is told apart from editors. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { createContent, PAGES } from '../support/content.ts';
import { allow, connect, DATA_SYNC_POLICY } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { createUser } from '../support/users.ts';
import { waitFor } from '../support/wait-for.ts';
import { batch, change } from '../support/wire.ts';

type Answer = { data?: { results: Item[] }; errors?: { message: string; extensions: { code: string } }[] };
type User = { id: string; token: string };

let instance: Instance;
let direct: User;
let byRole: User;
let byParent: User;
let editor: User;

beforeAll(async () => {
	instance = await startInstance({ name: 'receiver' });
	await createContent(instance);
	await allow(instance, ['pages']);
	// So that edits of pages are noted.
	await connect(instance, instance, [PAGES], { status: 'draft' });
	const parent = await instance.data<Item>('POST', '/roles', { name: 'Remotes' });
	const role = await instance.data<Item>('POST', '/roles', { name: 'Remotes in Berlin', parent: parent.id });
	await instance.data('POST', '/access', { role: parent.id, policy: DATA_SYNC_POLICY });
	[direct, byRole, byParent, editor] = await Promise.all([
		createUser(instance, 'direct', { pages: ['read'] }),
		createUser(instance, 'by-role', { pages: ['read'] }),
		createUser(instance, 'by-parent', { pages: ['read'] }),
		createUser(instance, 'editor', { pages: ['create', 'read', 'update'] }),
	]);
	await instance.data('POST', '/access', { user: direct.id, policy: DATA_SYNC_POLICY });
	await instance.data('PATCH', `/users/${byRole.id}`, { role: parent.id });
	await instance.data('PATCH', `/users/${byParent.id}`, { role: role.id });
});

afterAll(() => instance.destroy());

const page = (slug: string) => change({ collection: 'pages', item: slug, fields: { title: 'Sent' } });
const send = (user: User, slug: string, node: string) =>
	instance.api<Answer>('POST', '/data-sync/changes', batch([page(slug)], { node, path: [node] }), user.token);

const rowOf = async (item: string): Promise<Item | undefined> =>
	(await instance.sql('select * from data_sync_changes where collection = ? and item = ?', ['pages', item]))[0];

const writersOf = async (item: string) => {
	const filter = { _and: [{ collection: { _eq: 'pages' } }, { item: { _eq: item } }] };
	return (await instance.readItems('directus_activity', { filter })).map(({ user }) => user);
};

test.each<[string, () => User, string]>([
	['themselves', () => direct, 'aaaaaaaaaaa1'],
	['their role', () => byRole, 'aaaaaaaaaaa2'],
	['the role above theirs', () => byParent, 'aaaaaaaaaaa3'],
])(
	'a user who holds the policy by %s pushes, is named in the activity log, and edits nothing',
	async (_by, of, node) => {
		const user = of();
		const slug = `by-${node}`;
		const { status, body } = await send(user, slug, node);
		expect([status, body.data?.results]).toMatchObject([200, [{ outcome: 'applied' }]]);
		expect(await writersOf(slug)).toEqual([user.id]);
		const info = await instance.api<{ data: Item }>('GET', '/data-sync/info', undefined, user.token);
		expect(info.body.data).toMatchObject({ receiver: true });

		await waitFor('its place in the feed', async () => (await rowOf(slug))?.seq ?? null);
		// By whatever way: what they write is no edit of this instance.
		await instance.data('PATCH', `/items/pages/${slug}`, { title: 'By the way' }, user.token);
		await instance.data('POST', '/items/pages', { slug: `other-${node}`, title: 'By the way' }, user.token);
		await instance.data('POST', '/items/pages', { slug: `marker-${node}`, title: 'Edited' }, editor.token);
		await waitFor('the edit', () => rowOf(`marker-${node}`));
		expect(await rowOf(`other-${node}`)).toBeUndefined();
		expect(String((await rowOf(slug))?.stamps)).not.toContain(String(info.body.data.node));
	},
);

test('an editor does not push, and an admin who holds the policy is refused', async () => {
	expect((await send(editor, 'no', 'aaaaaaaaaaa4')).status).toBe(403);
	const policy = await instance.data<Item>('POST', '/policies', { name: 'Admins', admin_access: true });
	const { id } = await instance.data<Item>('POST', '/access', { user: direct.id, policy: policy.id });
	const { status, body } = await send(direct, 'no', 'aaaaaaaaaaa1');
	expect([status, body.errors?.[0]?.extensions.code]).toEqual([403, 'RECEIVER_IS_ADMIN']);
	await instance.data('DELETE', `/access/${id}`);
	expect((await send(direct, 'again', 'aaaaaaaaaaa1')).status).toBe(200);
});

test('one remote is revoked without another', async () => {
	await instance.data('PATCH', `/users/${direct.id}`, { token: null });
	expect([401, 403]).toContain((await send(direct, 'revoked', 'aaaaaaaaaaa1')).status);
	const held = { filter: { role: { _nnull: true }, policy: { _eq: DATA_SYNC_POLICY } } };
	expect((await send(byRole, 'goes-on', 'aaaaaaaaaaa2')).status).toBe(200);
	const [access] = await instance.readItems('directus_access', held);
	await instance.data('DELETE', `/access/${access?.id}`);
	await waitFor('the refusal', async () => (await send(byRole, 'goes-on', 'aaaaaaaaaaa2')).status === 403);
	await instance.data('PATCH', '/items/pages/goes-on', { title: 'Edited' }, editor.token);
});
