/** The two switches people have: a source's status and the push Flow. Off means later, never lost. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBacklog, waitUntilDelivered } from '../support/backlog.ts';
import { ARTICLES, AUTHORS, createContent, PAGES } from '../support/content.ts';
import { allow, connect, SOURCES, setPushFlow, setStatus } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

let sender: Instance;
let receiver: Instance;
let proxy: RecordingProxy;
let articles: string;

beforeAll(async () => {
	[sender, receiver] = await Promise.all([startInstance({ name: 'sender' }), startInstance({ name: 'receiver' })]);
	await Promise.all([sender, receiver].map(createContent));
	proxy = await startRecordingProxy(() => receiver.url);
	await allow(receiver, ['articles', 'authors', 'pages']);
	articles = await connect(sender, receiver, [AUTHORS, ARTICLES], { name: 'articles', url: proxy.url });
	await connect(sender, receiver, [PAGES], { name: 'pages' });
});

afterAll(async () => {
	await Promise.all([sender.destroy(), receiver.destroy()]);
	await proxy.close();
});

test('edits pause while a source is a draft, and catch up once it is published', async () => {
	const { id: known } = await sender.createItem('articles', { title: 'Known' });
	const { id: doomed } = await sender.createItem('articles', { title: 'Doomed' });
	await waitUntilDelivered(sender);

	await setStatus(sender, articles, 'draft');
	const sent = proxy.requests.length;
	const { id: fresh } = await sender.createItem('articles', { title: 'Fresh' });
	await sender.updateItem('articles', known as string, { title: 'Known, edited' });
	await sender.deleteItem('articles', doomed as string);
	await sender.createItem('pages', { slug: 'later', title: 'Written later, to a published source' });
	await waitFor('the later page', () => receiver.readItem('pages', 'later'));
	await waitUntilDelivered(sender);

	expect(proxy.requests.length).toBe(sent);
	expect(await receiver.readItem('articles', fresh as string)).toBeNull();
	expect(await receiver.readItem('articles', known as string)).toMatchObject({ title: 'Known' });
	expect(await receiver.readItem('articles', doomed as string)).not.toBeNull();

	await setStatus(sender, articles, 'published');
	await waitUntilDelivered(sender);
	expect(await receiver.readItem('articles', fresh as string)).toMatchObject({ title: 'Fresh' });
	expect(await receiver.readItem('articles', known as string)).toMatchObject({ title: 'Known, edited' });
	expect(await receiver.readItem('articles', doomed as string)).toBeNull();
});

test('an archived source gets nothing', async () => {
	await sender.updateItem(SOURCES, articles, { status: 'archived' });
	const sent = proxy.requests.length;
	await sender.createItem('articles', { title: 'Not for the archive' });
	await sender.createItem('pages', { slug: 'after-archive', title: 'Written later' });
	await waitFor('the later page', () => receiver.readItem('pages', 'after-archive'));
	await waitUntilDelivered(sender);
	expect(proxy.requests.length).toBe(sent);
	await setStatus(sender, articles, 'published');
	await waitUntilDelivered(sender);
});

test('nothing is sent while the push Flow is inactive, and all of it once it is active', async () => {
	const { id } = await sender.createItem('articles', { title: 'Before' });
	await waitUntilDelivered(sender);

	await setPushFlow(sender, 'inactive');
	const sent = proxy.batches().length;
	await sender.updateItem('articles', id as string, { title: 'While it was off' });
	await sender.createItem('pages', { slug: 'while-off', title: 'While it was off' });
	// The background worker numbers what no Flow asked for. Its second run comes after the end of the first.
	await waitUntilSettled();
	await sender.updateItem('articles', id as string, { body: 'Off still' });
	await waitUntilSettled();

	expect(proxy.batches().length).toBe(sent);
	expect(await receiver.readItem('pages', 'while-off')).toBeNull();
	expect(await receiver.readItem('articles', id as string)).toMatchObject({ title: 'Before' });

	await setPushFlow(sender, 'active');
	await waitUntilDelivered(sender);
	expect(await receiver.readItem('pages', 'while-off')).toMatchObject({ title: 'While it was off' });
	expect(await receiver.readItem('articles', id as string)).toMatchObject({
		title: 'While it was off',
		body: 'Off still',
	});
});

test('both switches survive a restart', async () => {
	await setStatus(sender, articles, 'draft');
	await setPushFlow(sender, 'inactive');
	await sender.createItem('articles', { title: 'Across a restart' });
	await sender.createItem('pages', { slug: 'restart', title: 'Across a restart' });
	await sender.stop();
	const sent = proxy.batches().length;
	await sender.start();
	await waitUntilSettled();
	await sender.updateItem('pages', 'restart', { title: 'After a restart' });
	await waitUntilSettled();
	expect(proxy.batches().length).toBe(sent);
	expect(await receiver.readItem('pages', 'restart')).toBeNull();

	await setPushFlow(sender, 'active');
	await waitFor('the page', () => receiver.readItem('pages', 'restart'));
	await setStatus(sender, articles, 'published');
	await waitUntilDelivered(sender);
	expect(await receiver.readItems('articles')).toEqual(await sender.readItems('articles'));
});

test('a source that is published gets at once what changed before anything was published', async () => {
	const other = await connect(sender, receiver, [PAGES], { name: 'second', status: 'draft' });
	await sender.updateItem('pages', 'restart', { title: 'For both' });
	await waitUntilDelivered(sender);
	await setStatus(sender, other, 'published');
	await waitUntilDelivered(sender);
	await sender.deleteItem(SOURCES, other);
});

async function waitUntilSettled(): Promise<void> {
	await waitFor('all edits to be numbered', async () => {
		const { unnoted, unsettled } = await readBacklog(sender);
		return unnoted === 0 && unsettled === 0;
	});
}
