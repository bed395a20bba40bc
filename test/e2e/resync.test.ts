/** The three uses of the manual Flow "Data Sync: resync". */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntilDelivered } from '../support/backlog.ts';
import { ARTICLES, AUTHORS, createContent, PAGES, TICKETS } from '../support/content.ts';
import { allow, connect, DATA_SYNC_POLICY, DELIVERIES, resync, SOURCES } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { installLate } from '../support/late-install.ts';
import { waitFor } from '../support/wait-for.ts';

let sender: Instance;
let receiver: Instance;
let source: string;
let old: string[];

beforeAll(async () => {
	[sender, receiver] = await Promise.all([
		startInstance({ name: 'sender', extension: false }),
		startInstance({ name: 'receiver' }),
	]);
	await Promise.all([sender, receiver].map(createContent));
	old = (await sender.createItems('articles', titles(5, 'Old'))).map(({ id }) => id as string);
	await sender.createItems('tickets', titles(3, 'Old ticket'));
	await sender.createItem('pages', { slug: 'old', title: 'Old page' });

	await installLate(sender);
	await allow(receiver, ['authors', 'articles', 'pages', 'tickets']);
	source = await connect(sender, receiver, [AUTHORS, ARTICLES, PAGES, TICKETS]);
});

afterAll(() => Promise.all([sender.destroy(), receiver.destroy()]));

test('items from before the install stay home until somebody asks for them', async () => {
	const { id } = await sender.createItem('articles', { title: 'New' });
	await waitFor('the new one', () => receiver.readItem('articles', id as string));
	await waitUntilDelivered(sender);
	expect(await receiver.readItems('articles')).toHaveLength(1);
});

test('on a collection it pushes the selected items', async () => {
	const answer = await resync(sender, 'articles', old.slice(0, 2));
	expect(answer).toMatchObject({ queued: 2, sources: [{ source, status: 'done', sent: 2, pending: 0, failed: 0 }] });
	const filter = { title: { _starts_with: 'Old' } };
	const arrived = (await receiver.readItems('articles', { filter })).map(({ id }) => id);
	expect(arrived.sort()).toEqual(old.slice(0, 2).sort());
});

test('on a collection it pushes all items when none is selected', async () => {
	expect(await resync(sender, 'articles')).toMatchObject({ queued: 6 });
	expect(await receiver.readItems('articles')).toEqual(await sender.readItems('articles'));
	expect(await receiver.readItems('tickets')).toEqual([]);
});

test('on the sources it pushes everything of the selected ones', async () => {
	const answer = await resync(sender, SOURCES, [source]);
	expect(answer).toMatchObject({ queued: 10, sources: [{ source, status: 'done' }] });
	for (const collection of ['articles', 'tickets', 'pages']) {
		expect(await receiver.readItems(collection)).toEqual(await sender.readItems(collection));
	}
	await waitUntilDelivered(sender);
});

test('on the sources it finds rows that were written past Directus', async () => {
	await sender.sql("insert into pages (slug, title) values ('by-sql', 'Inserted by SQL')");
	await sender.sql("update pages set title = 'Updated by SQL' where slug = 'old'");
	await resync(sender, SOURCES);
	expect(await receiver.readItem('pages', 'by-sql')).toMatchObject({ title: 'Inserted by SQL' });
	expect(await receiver.readItem('pages', 'old')).toMatchObject({ title: 'Updated by SQL' });
});

test('on the deliveries it tries the selected ones again, once the cause is mended', async () => {
	const permissions = await receiver.readItems('directus_permissions', {
		filter: { policy: { _eq: DATA_SYNC_POLICY }, collection: { _eq: 'pages' } },
	});
	await receiver.data(
		'DELETE',
		'/permissions',
		permissions.map(({ id }) => id),
	);
	await sender.createItems('pages', [
		{ slug: 'refused-1', title: 'One' },
		{ slug: 'refused-2', title: 'Two' },
	]);
	const deliveries = await waitFor('two deliveries', async () => {
		const found = await sender.readItems(DELIVERIES, { sort: 'item' });
		return found.length === 2 && found;
	});
	expect(deliveries).toMatchObject(
		['refused-1', 'refused-2'].map((item) => ({
			source,
			collection: 'pages',
			item,
			status: 'failed',
			code: 'forbidden',
			attempts: 1,
		})),
	);

	// Not mended yet: the retry is counted, and nothing is lost.
	const [first, second] = deliveries.map(({ id }) => id as string) as [string, string];
	await resync(sender, DELIVERIES, [first]);
	expect(await sender.readItem(DELIVERIES, first)).toMatchObject({ status: 'failed', attempts: 2 });
	expect(await sender.readItem(DELIVERIES, second)).toMatchObject({ status: 'failed', attempts: 1 });

	await allow(receiver, ['pages']);
	await resync(sender, DELIVERIES, [first]);
	expect(await sender.readItem(DELIVERIES, first)).toBeNull();
	expect(await receiver.readItem('pages', 'refused-1')).toMatchObject({ title: 'One' });
	expect(await receiver.readItem('pages', 'refused-2')).toBeNull();

	await resync(sender, DELIVERIES);
	expect(await sender.readItems(DELIVERIES)).toEqual([]);
	expect(await receiver.readItem('pages', 'refused-2')).toMatchObject({ title: 'Two' });
});

test('the Flow is offered on what is synced, and on no other collection', async () => {
	await sender.createCollection('elsewhere', [{ field: 'id', type: 'integer', schema: { is_primary_key: true } }]);
	const body = { collection: 'elsewhere', keys: [] };
	const { status } = await sender.api('POST', '/flows/trigger/43627ac8-b3a9-4454-858b-7a4cb965bf6e', body);
	expect(status).toBe(403);
});

function titles(count: number, title: string): { title: string }[] {
	return Array.from({ length: count }, (_, index) => ({ title: `${title} ${index}` }));
}
