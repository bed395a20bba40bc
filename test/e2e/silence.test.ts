/** What goes over the wires of a mesh, all of them watched: every change once, and then nothing. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntilDelivered } from '../support/backlog.ts';
import { ARTICLES, AUTHORS, createContent } from '../support/content.ts';
import { allow, connect } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

/** One direction between two instances; `from` is the node id of the sender. */
type Link = { name: string; from: string; proxy: RecordingProxy };

type Sent = { collection: string; item: string; life: number; at?: string; stamps?: Record<string, string> };

let instances: [Instance, Instance, Instance];
const links: Link[] = [];

beforeAll(async () => {
	const start = (name: string) => startInstance({ name });
	instances = await Promise.all([start('one'), start('two'), start('three')]);
	await Promise.all(instances.map(createContent));
	await Promise.all(instances.map((instance) => allow(instance, ['articles', 'authors'])));

	for (const from of instances) {
		const { body } = await from.api<{ data: { node: string } }>('GET', '/data-sync/info');
		for (const to of instances.filter((instance) => instance !== from)) {
			const proxy = await startRecordingProxy(() => to.url);
			links.push({ name: `${from.name} to ${to.name}`, from: body.data.node, proxy });
			await connect(from, to, [AUTHORS, ARTICLES], { url: proxy.url });
		}
	}

	// Everybody has met everybody.
	for (const instance of instances) await instance.createItem('authors', { name: instance.name });
	await delivered();
});

afterAll(async () => {
	await Promise.all(instances.map((instance) => instance.destroy()));
	await Promise.all(links.map(({ proxy }) => proxy.close()));
});

const delivered = async () => {
	for (const instance of instances) await waitUntilDelivered(instance);
};

/** The changes that have gone over a link, after a number of batches. */
const sentOver = ({ proxy }: Link, after = 0): Sent[] =>
	proxy
		.batches()
		.slice(after)
		.flatMap(({ body }) => (JSON.parse(body.toString()) as { changes: Sent[] }).changes);

/** The state that a change tells of: two with the same text tell the same. */
const stateOf = ({ collection, item, life, at, stamps = {} }: Sent): string =>
	[collection, item, life, at, ...Object.values(stamps).sort()].join(' ');

/** The node that wrote what is newest in a change. */
const writerOf = ({ at = '', stamps = {} }: Sent): string =>
	[at, ...Object.values(stamps)].sort().at(-1)?.slice(18, 30) ?? '';

test('each change crosses each link once, from the node that made it', async () => {
	const before = new Map(links.map((link) => [link, link.proxy.batches().length]));
	const own = await Promise.all(
		instances.map((instance) =>
			instance.createItems(
				'articles',
				Array.from({ length: 8 }, (_, number) => ({ title: `${instance.name} ${number}`, author: { name: 'New' } })),
			),
		),
	);
	await Promise.all(
		instances.map(async (instance, index) => {
			const [first, second, ...others] = (own[index] ?? []).map((item) => item.id as string);
			await instance.deleteItem('articles', first as string);
			await instance.updateItem('articles', second as string, { title: 'Changed at once' });
			await instance.data(
				'PATCH',
				'/items/articles',
				others.map((id) => ({ id, rating: 5 })),
			);
		}),
	);
	await delivered();

	// Now everybody edits, and removes, what came from somebody else.
	await Promise.all(
		instances.map(async (instance, index) => {
			const [, second, third, fourth] = (own[(index + 1) % 3] ?? []).map((item) => item.id as string);
			await instance.updateItem('articles', second as string, { title: `Edited by ${instance.name}` });
			await instance.deleteItem('articles', third as string);
			await instance.updateItem('articles', fourth as string, { body: 'Edited' });
		}),
	);
	await delivered();

	for (const link of links) {
		const sent = sentOver(link, before.get(link));
		const states = sent.map(stateOf);
		expect(new Set(states).size, `${link.name}: nothing twice`).toBe(states.length);
		const forwarded = sent.filter((change) => change.life % 2 === 1 && writerOf(change) !== link.from);
		expect(forwarded, `${link.name}: nothing of others`).toEqual([]);
		expect(sent.length, link.name).toBeGreaterThanOrEqual(8 + 8 + 3);
	}
	const contents = await Promise.all(instances.map((instance) => instance.readItems('articles', { sort: 'id' })));
	expect(contents[1]).toEqual(contents[0]);
	expect(contents[2]).toEqual(contents[0]);
	expect(contents[0]).toHaveLength(3 * 6);
});

test('afterwards not a byte is on any wire, while the workers go on looking', async () => {
	await delivered();
	// What is on its way in the moment that all is delivered comes to its end within a round.
	await Promise.all(instances.map(aRound));
	const before = links.map(({ name, proxy }) => [name, proxy.bytes()]);
	expect(before.every(([, bytes]) => Number(bytes) > 0)).toBe(true);
	await Promise.all(instances.map(aRound));
	expect(links.map(({ name, proxy }) => [name, proxy.bytes()])).toEqual(before);
});

test('a write that changes nothing is sent to nobody', async () => {
	const [instance] = instances;
	const own = links.filter(({ name }) => name.startsWith(`${instance.name} to `));
	const before = new Map(links.map((link) => [link, link.proxy.batches().length]));
	const [item] = await instance.readItems('articles', { limit: 1 });
	await instance.updateItem('articles', item?.id as string, { title: item?.title, rating: item?.rating });
	await instance.createItem('authors', { name: 'Written afterwards' });
	await delivered();

	for (const link of links) {
		const sent = sentOver(link, before.get(link)).map(({ collection }) => collection);
		expect(sent, link.name).toEqual(own.includes(link) ? ['authors'] : []);
	}
});

/** Waits for a round of an instance's worker to begin: each clears away the markers of writes that nobody sees to. */
async function aRound(instance: Instance): Promise<void> {
	const id = randomUUID();
	await instance.sql('insert into data_sync_writes (id, owner, floor, created_at) values (?, ?, ?, ?)', [
		id,
		'nobody',
		Number.MAX_SAFE_INTEGER,
		0,
	]);
	const isGone = async () => (await instance.sql('select id from data_sync_writes where id = ?', [id])).length === 0;
	await waitFor(`a round of the worker of ${instance.name}`, isGone, { timeoutMs: 60_000 });
}
