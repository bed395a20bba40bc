/** Who may run the Flow "Data Sync: resync", on what, and what they are told by it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { createContent, PAGES } from '../support/content.ts';
import { allow, connect, DELIVERIES, RESYNC_FLOW, SOURCES } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { createUser } from '../support/users.ts';

type Answer = { queued?: number; sources?: Item[]; errors?: { message: string; extensions: { code: string } }[] };

const PAGE_COUNT = 200;

let sender: Instance;
let receiver: Instance;
let proxy: RecordingProxy;
let reader: string;
let editor: string;
let keeper: string;
let seen = 0;

beforeAll(async () => {
	[sender, receiver] = await Promise.all([startInstance({ name: 'sender' }), startInstance({ name: 'receiver' })]);
	await Promise.all([sender, receiver].map(createContent));
	await allow(receiver, ['pages']);
	proxy = await startRecordingProxy(() => receiver.url);
	await connect(sender, receiver, [PAGES], { url: proxy.url });
	const pages = Array.from({ length: PAGE_COUNT }, (_, index) => ({ slug: `page-${index}`, title: 'Page' }));
	await sender.createItems('pages', pages);
	await waitUntilDelivered(sender);
	const read = { pages: ['read'] as const, [SOURCES]: ['read'] as const, [DELIVERIES]: ['read'] as const };
	const { [SOURCES]: _sources, ...withoutSources } = read;
	reader = (await createUser(sender, 'reader', toLists(read))).token;
	editor = (await createUser(sender, 'editor', toLists({ ...withoutSources, pages: ['read', 'update'] }))).token;
	keeper = (await createUser(sender, 'keeper', toLists({ ...read, [SOURCES]: ['read', 'update'] }))).token;
});

afterAll(async () => {
	await Promise.all([sender.destroy(), receiver.destroy()]);
	await proxy.close();
});

beforeEach(async () => {
	await waitUntilDelivered(sender);
	seen = proxy.batches().length;
});

const toLists = (permissions: Record<string, readonly ('read' | 'update')[]>) =>
	Object.fromEntries(Object.entries(permissions).map(([collection, actions]) => [collection, [...actions]]));

const resyncAs = (token: string | undefined, collection: string, keys: unknown[] = []) =>
	sender.api<Answer>('POST', `/flows/trigger/${RESYNC_FLOW}`, { collection, keys }, token);

const sentChanges = () =>
	proxy
		.batches()
		.slice(seen)
		.flatMap(({ body }) => JSON.parse(body.toString()).changes as Item[]);

const oneOf = async (collection: string) => (await sender.readItems(collection))[0]?.id as string;

describe('who may only read has nothing sent and is told nothing', () => {
	test.each<[string, () => Promise<[collection: string, keys: unknown[]]>]>([
		['without a selection', async () => ['pages', []]],
		['of an item', async () => ['pages', ['page-0']]],
		['of all sources', async () => [SOURCES, []]],
		['of a source', async () => [SOURCES, [await oneOf(SOURCES)]]],
		['of the deliveries', async () => [DELIVERIES, []]],
	])('%s', async (_title, named) => {
		const { status, body } = await resyncAs(reader, ...(await named()));
		expect([status, body.errors?.[0]?.extensions.code]).toEqual([403, 'FORBIDDEN']);
		expect(body.errors?.[0]?.message).toMatch(/takes the permission to update/);
		expect(JSON.stringify(body)).not.toContain('receiver');
		expect(sentChanges()).toEqual([]);
	});
});

test('who may update an item has it sent again, but not the whole collection, and learns of no source', async () => {
	const { status, body } = await resyncAs(editor, 'pages', ['page-0', 'page-1']);
	expect([status, body]).toEqual([200, { queued: 2, sources: [] }]);
	expect(sentChanges().map(({ item }) => item)).toEqual(['page-0', 'page-1']);
	expect((await resyncAs(editor, 'pages')).status).toBe(403);
	expect((await resyncAs(editor, DELIVERIES)).status).toBe(403);
});

test('who may update the sources has everything sent again', async () => {
	const { status, body } = await resyncAs(keeper, 'pages');
	expect([status, body]).toMatchObject([200, { queued: PAGE_COUNT, sources: [{ name: 'receiver', status: 'done' }] }]);
	expect((await resyncAs(keeper, SOURCES)).status).toBe(200);
});

test('who may not update the sources does not override the pause of one that has failed', async () => {
	await receiver.stop();
	await sender.updateItem('pages', 'page-0', { title: 'While it is down' });
	await resyncAs(undefined, 'pages', ['page-0']);
	await sender.sql('update data_sync_checkpoints set next_attempt_at = ?', [Date.now() + 3_600_000]);
	const tried = proxy.requests.length;
	expect((await resyncAs(editor, 'pages', ['page-0'])).status).toBe(200);
	expect(proxy.requests.length).toBe(tried);
	await resyncAs(keeper, 'pages');
	expect(proxy.requests.length).toBeGreaterThan(tried);
	await receiver.start();
	await resyncAs(undefined, 'pages', ['page-0']);
});

test('asking again while it runs joins it', async () => {
	const answers = await Promise.all(Array.from({ length: 5 }, () => resyncAs(undefined, 'pages')));
	for (const { body } of answers) expect(body).toMatchObject({ queued: PAGE_COUNT, sources: [{ status: 'done' }] });
	expect(sentChanges()).toHaveLength(PAGE_COUNT);
});
