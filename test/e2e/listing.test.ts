/** Only what is listed leaves an instance, and only that is written on a remote. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntilDelivered } from '../support/backlog.ts';
import { ARTICLES, createContent, PAGES } from '../support/content.ts';
import { allow, connect } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

let sender: Instance;
let receiver: Instance;
let proxy: RecordingProxy;

beforeAll(async () => {
	[sender, receiver] = await Promise.all([startInstance({ name: 'sender' }), startInstance({ name: 'receiver' })]);
	await Promise.all([sender, receiver].map(createContent));
	proxy = await startRecordingProxy(() => receiver.url);
	await allow(receiver, ['articles', 'authors', 'pages', 'tickets']);
	await connect(
		sender,
		receiver,
		[
			{ ...ARTICLES, fields: ['title', 'body'], filter: { rating: { _gte: 3 } } },
			{ ...PAGES, events: ['create', 'delete'] },
			{ collection: 'tickets', fields: ['title'], events: ['create', 'update'] },
		],
		{ url: proxy.url },
	);
});

afterAll(async () => {
	await Promise.all([sender.destroy(), receiver.destroy()]);
	await proxy.close();
});

test('a field that is not listed never leaves, in whatever way it is written', async () => {
	const { id } = await sender.createItem('articles', { title: 'One', rating: 5, secret: 'hush-create' });
	await sender.createItems('articles', [
		{ title: 'Two', rating: 5, secret: 'hush-batch', author: { name: 'hush-nested', secret: 'hush-nested' } },
		{ title: 'Three', rating: 5, secret: 'hush-batch' },
	]);
	await sender.updateItem('articles', id as string, { title: 'One, edited', secret: 'hush-update' });
	await sender.data('PATCH', '/items/articles', [{ id, title: 'One, edited twice', secret: 'hush-batch-update' }]);
	await sender.updateItem('articles', id as string, { secret: 'hush-alone' });
	await arrives('articles', id as string, { title: 'One, edited twice' });
	await marker();

	expect(proxy.wire()).toContain('One, edited twice');
	expect(proxy.wire()).not.toMatch(/hush|secret|rating|"author"/);
	for (const article of await receiver.readItems('articles')) {
		expect(article).toMatchObject({ secret: null, rating: null, author: null });
	}
});

test('a field that is not listed is never overwritten on the remote', async () => {
	const { id } = await sender.createItem('articles', { title: 'Mine', rating: 5, secret: 'here' });
	await arrives('articles', id as string, { title: 'Mine' });
	await receiver.updateItem('articles', id as string, { secret: 'there', rating: 1 });
	await sender.updateItem('articles', id as string, { title: 'Mine, edited', secret: 'here, edited' });
	await arrives('articles', id as string, { title: 'Mine, edited', secret: 'there', rating: 1 });
	expect(await sender.readItem('articles', id as string)).toMatchObject({ secret: 'here, edited', rating: 5 });
});

test('a collection that is not listed never leaves', async () => {
	await sender.createItem('authors', { name: 'unlisted-author' });
	await marker();
	expect(proxy.wire()).not.toContain('unlisted-author');
	expect(await receiver.readItems('authors')).toEqual([]);
});

test('an item that does not match the filter stays home; one the remote has is followed out of it', async () => {
	const { id: below } = await sender.createItem('articles', { title: 'below-the-filter', rating: 1 });
	const { id: above } = await sender.createItem('articles', { title: 'above-the-filter', rating: 4 });
	await arrives('articles', above as string, { title: 'above-the-filter' });
	expect(await receiver.readItem('articles', below as string)).toBeNull();
	expect(proxy.wire()).not.toContain('below-the-filter');

	await sender.updateItem('articles', above as string, { title: 'fallen below', rating: 0 });
	await arrives('articles', above as string, { title: 'fallen below' });
	await sender.updateItem('articles', below as string, { title: 'risen above', rating: 5 });
	await arrives('articles', below as string, { title: 'risen above' });
});

test('only the listed events are sent', async () => {
	await sender.createItem('pages', { slug: 'fixed', title: 'As created' });
	await arrives('pages', 'fixed', { title: 'As created' });
	await sender.updateItem('pages', 'fixed', { title: 'Not for the remote' });
	const { id } = await sender.createItem('tickets', { title: 'Kept' });
	await arrives('tickets', id as number, { title: 'Kept' });
	await sender.deleteItem('tickets', id as number);
	await marker();
	expect(await receiver.readItem('pages', 'fixed')).toMatchObject({ title: 'As created' });
	expect(await receiver.readItem('tickets', id as number)).toMatchObject({ title: 'Kept' });

	await sender.deleteItem('pages', 'fixed');
	await waitFor('the page to be gone', async () => (await receiver.readItem('pages', 'fixed')) === null);
});

test('in the end nothing is left to deliver', async () => {
	await waitUntilDelivered(sender);
});

/** An item that is written, and so delivered, after everything before it. */
async function marker(): Promise<void> {
	const { id } = await sender.createItem('articles', { title: 'Marker', rating: 5 });
	await arrives('articles', id as string, { title: 'Marker' });
	await waitUntilDelivered(sender);
}

async function arrives(collection: string, key: string | number, values: Record<string, unknown>): Promise<void> {
	await waitFor(`${collection} ${key} to arrive`, async () => {
		expect(await receiver.readItem(collection, key)).toMatchObject(values);
		return true;
	});
}
