/** Three instances: all with all, and in a chain. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { ARTICLES, AUTHORS, createContent, PAGES } from '../support/content.ts';
import { allow, connect, connectAll } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

let instances: Instance[];
let proxies: RecordingProxy[] = [];

beforeAll(async () => {
	instances = await Promise.all(['one', 'two', 'three'].map((name) => startInstance({ name })));
	await Promise.all(instances.map(createContent));
	await connectAll(instances, [AUTHORS, ARTICLES]);

	// Pages go along a chain, and each of its links is watched.
	const [one, two, three] = instances as [Instance, Instance, Instance];
	proxies = [await startRecordingProxy(() => two.url), await startRecordingProxy(() => three.url)];
	await Promise.all([two, three].map((instance) => allow(instance, ['pages'])));
	await connect(one, two, [PAGES], { name: 'chain: two', url: proxies[0]?.url ?? '' });
	await connect(two, three, [PAGES], { name: 'chain: three', url: proxies[1]?.url ?? '' });
});

afterAll(async () => {
	await Promise.all(instances.map((instance) => instance.destroy()));
	await Promise.all(proxies.map((proxy) => proxy.close()));
});

test.each([0, 1, 2])('what instance %i writes arrives at both others', async (index) => {
	const writer = instances[index] as Instance;
	const { id } = await writer.createItem('articles', { title: 'New', author: { name: 'Someone' } });
	await everywhere('articles', id as string, { title: 'New' });
	await writer.updateItem('articles', id as string, { title: 'Changed' });
	await everywhere('articles', id as string, { title: 'Changed' });
	await writer.deleteItem('articles', id as string);
	for (const instance of instances) {
		await waitFor(
			`it to be gone from ${instance.name}`,
			async () => !(await instance.readItem('articles', id as string)),
		);
	}
});

test('three edits of one field at the same time end with one of them everywhere', async () => {
	const { id } = await (instances[0] as Instance).createItem('articles', { title: 'Start' });
	await everywhere('articles', id as string, { title: 'Start' });
	const titles = instances.map(({ name }) => `From ${name}`);
	await Promise.all(
		instances.map((instance, index) => instance.updateItem('articles', id as string, { title: titles[index] })),
	);
	for (const instance of instances) await waitUntilDelivered(instance);
	const found = await Promise.all(instances.map((instance) => instance.readItem('articles', id as string)));
	expect(new Set(found.map((item) => item?.title)).size).toBe(1);
	expect(titles).toContain(found[0]?.title);
});

test('in a chain the middle passes changes on, each of them once', async () => {
	const first = instances[0] as Instance;
	await first.createItem('pages', { slug: 'chain', title: 'Passed on' });
	await everywhere('pages', 'chain', { title: 'Passed on' });
	await first.updateItem('pages', 'chain', { title: 'Passed on again' });
	await everywhere('pages', 'chain', { title: 'Passed on again' });
	await first.deleteItem('pages', 'chain');
	for (const instance of instances) {
		await waitFor(`it to be gone from ${instance.name}`, async () => !(await instance.readItem('pages', 'chain')));
	}

	for (const proxy of proxies) {
		const sent = proxy.batches().flatMap(({ body }) => (JSON.parse(body.toString()) as { changes: Item[] }).changes);
		expect(sent.map(({ life }) => life)).toEqual([1, 1, 2]);
	}
});

test('in the end all instances hold the same', async () => {
	for (const instance of instances) await waitUntilDelivered(instance);
	for (const collection of ['articles', 'authors', 'pages']) {
		const [one, ...others] = await Promise.all(instances.map((instance) => instance.readItems(collection)));
		for (const other of others) expect(other).toEqual(one);
	}
});

async function everywhere(collection: string, key: string, values: Item): Promise<void> {
	for (const instance of instances) {
		await waitFor(`${collection} ${key} at ${instance.name}`, async () => {
			expect(await instance.readItem(collection, key)).toMatchObject(values);
			return true;
		});
	}
}
