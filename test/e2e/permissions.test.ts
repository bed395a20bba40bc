/** The remote's permissions decide item by item; what is refused is told once, and stops nothing else. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntilDelivered } from '../support/backlog.ts';
import { CONTENT, createContent } from '../support/content.ts';
import { type Action, allow, connect, DATA_SYNC_POLICY, DELIVERIES, resync, SOURCES } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

let sender: Instance;
let receiver: Instance;
let source: string;

beforeAll(async () => {
	[sender, receiver] = await Promise.all([startInstance({ name: 'sender' }), startInstance({ name: 'receiver' })]);
	await Promise.all([sender, receiver].map(createContent));
	await allow(receiver, ['articles', 'authors', 'pages']);
	const [admin] = await sender.readItems('directus_users', { filter: { email: { _eq: 'admin@example.com' } } });
	source = await connect(sender, receiver, CONTENT, { notify: [admin?.id as string] });
});

afterAll(() => Promise.all([sender.destroy(), receiver.destroy()]));

test('create, update and delete permissions are enough, without any to read', async () => {
	const { id } = await sender.createItem('articles', { title: 'Created', author: { name: 'Ada' } });
	await waitFor('it to arrive', () => receiver.readItem('articles', id as string));
	await sender.updateItem('articles', id as string, { title: 'Updated' });
	await waitFor('its update', async () => (await receiver.readItem('articles', id as string))?.title === 'Updated');
	await sender.deleteItem('articles', id as string);
	await waitFor('its deletion', async () => (await receiver.readItem('articles', id as string)) === null);
});

test('an update that is not permitted fails in words that say what to do; the rest of the batch is applied', async () => {
	const ids = (await sender.createItems('pages', pages(3, 'Before'))).map(({ slug }) => slug as string);
	await waitUntilDelivered(sender);
	await forbid('pages', ['update']);

	await sender.data('PATCH', '/items/pages', { keys: ids.slice(0, 2), data: { title: 'Not permitted' } });
	await sender.createItem('pages', { slug: 'fresh', title: 'Permitted' });
	await sender.deleteItem('pages', ids[2] as string);
	await waitFor('the permitted create', () => receiver.readItem('pages', 'fresh'));
	await waitFor('the permitted deletion', async () => (await receiver.readItem('pages', ids[2] as string)) === null);

	const found = await waitFor('the deliveries', async () => {
		const rows = await sender.readItems(DELIVERIES, { sort: 'item' });
		return rows.length === 2 && rows;
	});
	for (const [index, row] of found.entries()) {
		expect(row).toMatchObject({ source, collection: 'pages', item: ids[index], status: 'failed', code: 'forbidden' });
		expect(row.message).toMatch(/policy "Data Sync".*permission to update in "pages".*Give it that permission/);
		expect(await receiver.readItem('pages', ids[index] as string)).toMatchObject({ title: `Before ${index}` });
	}
	const [row] = await sender.readItems(SOURCES);
	expect(row).toMatchObject({ last_error: null });
});

test('several refused items are told in one notification, in one sentence that an admin understands', async () => {
	const notifications = await waitFor('the notification', async () => {
		const found = await sender.readItems('directus_notifications', { filter: { subject: { _contains: 'refused' } } });
		return found.length > 0 && found;
	});
	expect(notifications).toHaveLength(1);
	expect(notifications[0]?.message).toMatch(/permission to update in "pages"/);
	expect(notifications[0]?.message).toMatch(/Data Sync: resync/);

	await sender.updateItem('pages', 'fresh', { title: 'One more that is not permitted' });
	await waitFor('the third delivery', async () => (await sender.readItems(DELIVERIES)).length === 3);
	await marker();
	const all = await sender.readItems('directus_notifications', { filter: { subject: { _contains: 'refused' } } });
	expect(all).toHaveLength(1);
});

test('an edit that follows a refused one is delivered with it once the permission is given', async () => {
	await allow(receiver, ['pages'], ['update']);
	await sender.updateItem('pages', 'fresh', { title: 'Edited again' });
	await waitFor('the edit', async () => (await receiver.readItem('pages', 'fresh'))?.title === 'Edited again');
	await waitFor('its delivery to be gone', async () => (await sender.readItems(DELIVERIES)).length === 2);

	await resync(sender, DELIVERIES);
	await waitUntilDelivered(sender);
	expect(await receiver.readItems('pages')).toEqual(await sender.readItems('pages'));
});

test('a child whose parent is not permitted waits for it, and follows by itself', async () => {
	await forbid('authors', ['create']);
	const { id, author } = await sender.createItem('articles', { title: 'Child', author: { name: 'Parent' } });
	await waitFor('both deliveries', async () => {
		const rows = await sender.readItems(DELIVERIES, { sort: 'collection' });
		expect(rows).toMatchObject([
			{ collection: 'articles', item: id, status: 'pending', code: 'missing_parent' },
			{ collection: 'authors', item: author, status: 'failed', code: 'forbidden' },
		]);
		return true;
	});

	await allow(receiver, ['authors'], ['create']);
	const filter = { collection: { _eq: 'authors' } };
	const [parent] = await sender.readItems(DELIVERIES, { filter });
	await resync(sender, DELIVERIES, [parent?.id as string]);
	await waitUntilDelivered(sender);
	expect(await receiver.readItem('articles', id as string)).toMatchObject({ title: 'Child', author });
});

test('a delivery that somebody deletes is discarded', async () => {
	await forbid('pages', ['delete']);
	await sender.deleteItem('pages', 'fresh');
	const [row] = await waitFor('the delivery', async () => {
		const rows = await sender.readItems(DELIVERIES);
		return rows.length === 1 && rows;
	});
	await sender.deleteItem(DELIVERIES, row?.id as string);
	await marker();
	expect(await sender.readItems(DELIVERIES)).toEqual([]);
	expect(await receiver.readItem('pages', 'fresh')).not.toBeNull();
});

test('no permission at all leaves the collection as it is', async () => {
	await sender.createItem('tickets', { title: 'No' });
	const [row] = await waitFor('the delivery', async () => {
		const rows = await sender.readItems(DELIVERIES);
		return rows.length === 1 && rows;
	});
	expect(row).toMatchObject({ collection: 'tickets', code: 'forbidden' });
	expect(await receiver.readItems('tickets')).toEqual([]);
});

async function forbid(collection: string, actions: Action[]): Promise<void> {
	const filter = { policy: { _eq: DATA_SYNC_POLICY }, collection: { _eq: collection }, action: { _in: actions } };
	const found = await receiver.readItems('directus_permissions', { filter });
	await receiver.data(
		'DELETE',
		'/permissions',
		found.map(({ id }) => id),
	);
}

/** An item that is written, and so delivered, after everything before it. */
async function marker(): Promise<void> {
	const { id } = await sender.createItem('authors', { name: 'Marker' });
	await waitFor('the marker', () => receiver.readItem('authors', id as string));
}

function pages(count: number, title: string): { slug: string; title: string }[] {
	return Array.from({ length: count }, (_, index) => ({ slug: `page-${index}`, title: `${title} ${index}` }));
}
