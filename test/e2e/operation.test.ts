/** The operation "Sync to remotes" in a Flow of the user's own, and what its result tells later operations. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { createContent, PAGES } from '../support/content.ts';
import {
	allow,
	connect,
	connectAll,
	DATA_SYNC_USER,
	giveToken,
	SOURCES,
	setPushFlow,
	setStatus,
} from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { startRecordingProxy } from '../support/recording-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

type Result = { queued: number; sources: Item[] };

let sender: Instance;
let receiver: Instance;
let flow: string;
let operation: string;
let toReceiver: string;

beforeAll(async () => {
	[sender, receiver] = await Promise.all([startInstance({ name: 'sender' }), startInstance({ name: 'receiver' })]);
	await Promise.all([sender, receiver].map(createContent));
	await connectAll([sender, receiver], [PAGES]);
	toReceiver = (await sender.readItems(SOURCES))[0]?.id as string;

	flow = (
		await sender.data<{ id: string }>('POST', '/flows', {
			name: 'Own',
			trigger: 'webhook',
			status: 'active',
			options: { method: 'POST', async: false, return: '$last' },
		})
	).id;
	operation = (
		await sender.data<{ id: string }>('POST', '/operations', {
			flow,
			key: 'sync',
			name: 'Sync',
			type: 'sync-to-remotes',
			position_x: 19,
			position_y: 1,
			options: {},
		})
	).id;
	await sender.data('PATCH', `/flows/${flow}`, { operation });
});

afterAll(() => Promise.all([sender.destroy(), receiver.destroy()]));

async function run(options: Item, body: Item = {}): Promise<{ status: number; body: Result }> {
	await sender.data('PATCH', `/operations/${operation}`, { options });
	return sender.api<Result>('POST', `/flows/trigger/${flow}`, body);
}

const done = (counts: Item = {}) => ({
	name: 'receiver',
	status: 'done',
	pending: 0,
	failed: 0,
	error: null,
	...counts,
});

describe('with the push Flow off', () => {
	beforeAll(() => setPushFlow(sender, 'inactive'));
	afterAll(() => setPushFlow(sender, 'active'));

	test('it pushes what is new when nothing in particular triggered it', async () => {
		await sender.createItems('pages', [
			{ slug: 'a', title: 'A' },
			{ slug: 'b', title: 'B' },
		]);
		const { status, body } = await run({ what: 'trigger', which: 'all' });
		expect(status).toBe(200);
		expect(body).toEqual({ queued: 0, sources: [{ source: toReceiver, superseded: 0, ...done({ sent: 2 }) }] });
		expect(await receiver.readItems('pages')).toHaveLength(2);
	});

	test('it pushes selected items, with their keys in any of the forms a data chain delivers', async () => {
		for (const items of [['a', 'b'], 'a,b', '["a","b"]', 'a, b']) {
			const { body } = await run({ what: 'selected', collection: 'pages', items });
			expect(body).toMatchObject({ queued: 2, sources: [done({ sent: 2 })] });
		}
		const template = { what: 'selected', collection: 'pages', items: '{{ $trigger.body.wanted }}' };
		expect((await run(template, { wanted: ['a'] })).body).toMatchObject({ queued: 1 });
	});

	test('it pushes all items of a collection', async () => {
		expect((await run({ what: 'all', collection: 'pages' })).body).toMatchObject({ queued: 2 });
	});

	test('it pushes to chosen sources only', async () => {
		const proxy = await startRecordingProxy(() => receiver.url);
		const second = await connect(sender, receiver, [PAGES], { name: 'second', url: proxy.url });
		await sender.updateItem('pages', 'a', { title: 'For the second only' });
		const { body } = await run({ what: 'trigger', which: 'some', sources: [second] });
		expect(body.sources).toMatchObject([{ source: second, name: 'second', status: 'done' }]);
		expect(proxy.wire()).toContain('For the second only');

		await setStatus(sender, second, 'draft');
		const paused = await run({ what: 'trigger', which: 'some', sources: [second] });
		expect(paused.body.sources).toMatchObject([{ source: second, status: 'paused' }]);
		await sender.deleteItem(SOURCES, second);
		await proxy.close();
	});

	test('it tells what lost to a newer write on the remote', async () => {
		await setPushFlow(receiver, 'inactive');
		await sender.updateItem('pages', 'b', { title: 'Older' });
		await receiver.updateItem('pages', 'b', { title: 'Newer' });
		const { body } = await run({ what: 'trigger' });
		expect(body.sources).toMatchObject([done({ superseded: 1 })]);
		expect(await receiver.readItem('pages', 'b')).toMatchObject({ title: 'Newer' });
		await setPushFlow(receiver, 'active');
		await waitFor('the newer one', async () => (await sender.readItem('pages', 'b'))?.title === 'Newer');
	});

	test('it tells what the remote refuses', async () => {
		await sender.data('PATCH', `/items/${SOURCES}/${toReceiver}`, {
			schema: [PAGES, { collection: 'tickets', fields: ['title'] }],
		});
		await sender.createItem('tickets', { title: 'Nobody may create me' });
		const { body } = await run({ what: 'trigger' });
		expect(body.sources).toMatchObject([{ name: 'receiver', status: 'done', failed: 1 }]);
		await allow(receiver, ['tickets']);
		await run({ what: 'all', collection: 'tickets' });
		await waitUntilDelivered(sender);
	});

	test('it does not fail when a remote is down: that shows in the result', async () => {
		await receiver.stop();
		await sender.updateItem('pages', 'a', { title: 'Not yet' });
		const { status, body } = await run({ what: 'trigger' });
		expect(status).toBe(200);
		expect(body.sources).toMatchObject([{ name: 'receiver', sent: 0, failed: 0 }]);
		expect(body.sources[0]?.pending).toBeGreaterThan(0);
		expect(['failing', 'waiting']).toContain(body.sources[0]?.status);
		expect(body.sources[0]?.error).toMatch(/can't be reached/);
		await receiver.start();
		expect((await run({ what: 'all', collection: 'pages' })).body.sources).toMatchObject([done()]);
		expect(await receiver.readItem('pages', 'a')).toMatchObject({ title: 'Not yet' });
	});
});

describe('it rejects when its own configuration is wrong, in words for whoever built the Flow:', () => {
	const unknown = '00000000-0000-4000-8000-000000000000';

	beforeAll(async () => {
		const { id } = await sender.data<{ id: string }>('POST', '/operations', {
			flow,
			key: 'told',
			name: 'Told',
			type: 'transform',
			position_x: 38,
			position_y: 19,
			options: { json: { rejected: '{{ sync }}' } },
		});
		await sender.data('PATCH', `/operations/${operation}`, { reject: id });
	});

	test.each<[string, Item, RegExp]>([
		['a source that is gone', { which: 'some', sources: [unknown] }, new RegExp(`no remote source ${unknown}`)],
		['no source at all', { which: 'some', sources: [] }, /"sources".*at least one/],
		['no collection', { what: 'selected', items: ['a'] }, /"collection"/],
		['no items', { what: 'selected', collection: 'pages', items: [] }, /"items".*names no item/],
		['a choice that there is not', { what: 'everything' }, /"what"/],
	])('%s', async (_title, options, words) => {
		const { status, body } = await run(options);
		expect(status).toBe(200);
		// What rejects goes on to the operation on the failing path, which hands it out here.
		expect(JSON.stringify(body).replaceAll('\\"', '"')).toMatch(words);
	});
});

test('what the Data Sync user writes, by whatever way, is not pushed back', async () => {
	const proxy = await startRecordingProxy(() => receiver.url);
	await sender.updateItem(SOURCES, toReceiver, {
		url: proxy.url,
		api_key: await giveToken(receiver),
		schema: [PAGES],
	});
	await sender.createItem('pages', { slug: 'echo', title: 'Mine' });
	await waitUntilDelivered(sender);
	const sent = proxy.batches().length;

	const token = await giveToken(sender);
	await allow(sender, ['pages'], ['read']);
	await sender.data('PATCH', '/items/pages/echo', { title: 'By the Data Sync user' }, token);
	await sender.data('POST', '/items/pages', { slug: 'by-data-sync', title: 'By the Data Sync user' }, token);
	await sender.createItem('pages', { slug: 'marker', title: 'Marker' });
	await waitFor('the marker', () => receiver.readItem('pages', 'marker'));
	await waitUntilDelivered(sender);

	expect(await receiver.readItem('pages', 'by-data-sync')).toBeNull();
	expect(await receiver.readItem('pages', 'echo')).toMatchObject({ title: 'Mine' });
	const after = proxy.batches().slice(sent);
	expect(after.map(({ body }) => body.toString()).join()).not.toContain(DATA_SYNC_USER);
	expect(after.map(({ body }) => body.toString()).join()).not.toContain('By the Data Sync user');
	await proxy.close();
});
