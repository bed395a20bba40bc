/** Batches fit what the receiver takes, and one item that never will holds up nothing else. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntilDelivered } from '../support/backlog.ts';
import { createContent, PAGES } from '../support/content.ts';
import { allow, connect, DELIVERIES, SOURCES } from '../support/data-sync.ts';
import { longText } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

let sender: Instance;
let receiver: Instance;
let proxy: RecordingProxy;

beforeAll(async () => {
	[sender, receiver] = await Promise.all([
		startInstance({ name: 'sender' }),
		startInstance({ name: 'receiver', env: { MAX_PAYLOAD_SIZE: '60kb' } }),
	]);
	await Promise.all([sender, receiver].map(createContent));
	for (const instance of [sender, receiver]) await instance.data('POST', '/fields/pages', longText('text'));
	proxy = await startRecordingProxy(() => receiver.url);
	await allow(receiver, ['pages']);
	await connect(sender, receiver, [{ ...PAGES, fields: ['title', 'text'] }], { url: proxy.url });
});

afterAll(async () => {
	await Promise.all([sender.destroy(), receiver.destroy()]);
	await proxy.close();
});

const pages = (prefix: string, count: number, length: number) =>
	Array.from({ length: count }, (_, index) => ({ slug: `${prefix}-${index}`, text: 'ü'.repeat(length / 2) }));

test('a large write is sent in batches that fit', async () => {
	await sender.createItems('pages', pages('many', 100, 2_000));
	await waitUntilDelivered(sender);
	expect(await receiver.readItems('pages')).toHaveLength(100);
	expect(proxy.batches().length).toBeGreaterThan(3);
	for (const { body } of proxy.batches()) expect(body.length).toBeLessThanOrEqual(60 * 1024);
});

test('an item that is too large for the remote fails alone, and is delivered once it fits', async () => {
	const huge = { slug: 'huge', title: 'Too large', text: 'x'.repeat(100_000) };
	await sender.createItems('pages', [...pages('before', 5, 100), huge, ...pages('after', 5, 100)]);
	const [row] = await waitFor('the delivery', async () => {
		const rows = await sender.readItems(DELIVERIES);
		return rows.length > 0 && rows;
	});
	expect(row).toMatchObject({ collection: 'pages', item: 'huge', status: 'failed', code: 'too_large' });
	expect(row?.message).toMatch(/MAX_PAYLOAD_SIZE/);
	await waitFor('all others', async () => (await receiver.readItems('pages')).length === 110);
	expect(await sender.readItems(SOURCES)).toMatchObject([{ last_error: null }]);

	await sender.updateItem('pages', 'huge', { text: 'Short' });
	await waitUntilDelivered(sender);
	expect(await receiver.readItem('pages', 'huge')).toMatchObject({ title: 'Too large', text: 'Short' });
});

test('a limit that has become smaller than the receiver last told is found out', async () => {
	receiver.env.MAX_PAYLOAD_SIZE = '20kb';
	await receiver.stop();
	await receiver.start();
	await sender.createItems('pages', pages('smaller', 40, 2_000));
	await waitUntilDelivered(sender);
	expect(await receiver.readItems('pages')).toEqual(await sender.readItems('pages'));
});
