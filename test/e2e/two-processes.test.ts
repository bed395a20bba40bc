/**
 * Two Directus processes on one PostgreSQL, without Redis between them, push to one remote. Redis is what Directus asks for
 * there; without it nothing may be lost all the same, nor sent for ever.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WireBatch } from '../../src/wire/batch.ts';
import type { Api, Item } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { allow, connect } from '../support/data-sync.ts';
import { reference, text, uuidKey } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { addAlias, manyToOne } from '../support/relations.ts';
import { type SecondProcess, startSecondProcess } from '../support/second-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { startWriter } from '../support/writer.ts';

/** As many as make several batches. */
const WRITES_BEFORE_KILL = 40;
const WRITES_AFTER_KILL = 40;

let postgres: Postgres;
let first: Instance;
let second: SecondProcess;
let remote: Instance;
let proxy: RecordingProxy;

beforeAll(async () => {
	postgres = await startPostgres();
	[first, remote] = await Promise.all([
		startInstance({ name: 'sender', database: { postgres } }),
		startInstance({ name: 'remote' }),
	]);
	await Promise.all([first, remote].map(createContent));
	second = await startSecondProcess(first);
	proxy = await startRecordingProxy(() => remote.url);
	await allow(remote, ['articles', 'comments']);
	await connect(first, remote, [{ collection: 'articles', fields: ['title', 'comments'] }], { url: proxy.url });
});

afterAll(async () => {
	await second.kill();
	await Promise.all([first, remote].map((each) => each.destroy()));
	await proxy.close();
	await postgres.stop();
});

test('a field added by one process makes the other send nothing over and over', async () => {
	const articles = Array.from({ length: 20 }, (_, number) => ({ id: randomUUID(), title: `Old ${number}` }));
	await first.createItems('articles', articles);
	const untouched = articles[0]?.id as string;
	await first.createItem('comments', { text: 'Old', article: untouched });
	await second.updateItem('articles', articles[1]?.id as string, { title: 'Edited by the second' });
	await waitUntilDelivered(first);
	const before = proxy.batches().length;

	for (const instance of [first, remote]) await instance.data('POST', '/fields/comments', text('mood'));
	for (let round = 0; round < 4; round += 1) {
		for (const [name, each] of Object.entries({ first, second })) {
			const title = `Round ${round} by the ${name}`;
			const { id } = await each.createItem('articles', { title });
			await waitFor(`${title} to arrive`, () => remote.readItem('articles', id as string));
		}
	}
	await waitUntilDelivered(first);

	const again = changesSince(before).filter(({ item }) => item === untouched);
	// Once: of what is listed since lately the remote is told anew.
	expect(again.length).toBeLessThanOrEqual(1);
	const [comment] = await first.readItems('comments');
	await second.updateItem('comments', comment?.id as string, { mood: 'good' });
	await waitFor('the new field to arrive, written by the process that learned of it late', async () => {
		const found = await remote.readItem('comments', comment?.id as string);
		return found?.mood === 'good';
	});
	expect(await articlesOf(remote)).toEqual(await articlesOf(first));
});

test('both write, one is killed in the middle: all arrives, and no more than its batch is sent twice', async () => {
	await waitUntilDelivered(first);
	const before = proxy.batches().length;
	const writers = [startWriter(first, 1), startWriter(second, 2)];
	const answered = () => writers.map((writer) => writer.answered());

	await waitFor('both to have written', () => answered().every((each) => each >= WRITES_BEFORE_KILL), {
		timeoutMs: 90_000,
	});
	const { length } = proxy.batches();
	await waitFor('a batch on its way', () => proxy.batches().length > length, { intervalMs: 2 });
	await second.kill();
	const [atKill = 0] = answered();
	await waitFor('the first to write on', () => (answered()[0] ?? 0) >= atKill + WRITES_AFTER_KILL, {
		timeoutMs: 90_000,
	});
	await second.start();
	const [, late = 0] = answered();
	await waitFor('the second to write again', () => (answered()[1] ?? 0) > late, { timeoutMs: 90_000 });
	for (const writer of writers) await writer.stop();
	await waitUntilDelivered(first);

	const here = await articlesOf(first);
	expect(await articlesOf(remote)).toEqual(here);
	const titles = new Map(here.map(({ id, title }) => [id, title]));
	for (const item of writers.flatMap((writer) => writer.items)) {
		expect(item.titles).toContain(titles.get(item.id) ?? null);
	}

	// A change that was sent twice has the same stamp; those of one batch may be, whose answer the killed process never had.
	const batches = proxy.batches().slice(before).map(changesOf);
	const twice = batches.flatMap((changes, index) => {
		const earlier = new Set(batches.slice(0, index).flat().map(nameOf));
		return changes.some((change) => earlier.has(nameOf(change))) ? [index] : [];
	});
	const largest = Math.max(...batches.map((changes) => changes.length));
	const all = batches.flat();
	expect(all.length - new Set(all.map(nameOf)).size, JSON.stringify(twice)).toBeLessThanOrEqual(largest);
	expect(twice.length).toBeLessThanOrEqual(1);
});

type Sent = WireBatch['changes'][number];

const changesOf = ({ body }: { body: Buffer }): Sent[] => (JSON.parse(body.toString('utf8')) as WireBatch).changes;
const changesSince = (batch: number): Sent[] => proxy.batches().slice(batch).flatMap(changesOf);
const nameOf = ({ collection, item, life, at, stamps }: Sent): string =>
	JSON.stringify([collection, item, life, at, stamps]);

const articlesOf = (instance: Api): Promise<Item[]> => instance.readItems('articles', { sort: 'id' });

async function createContent(instance: Instance): Promise<void> {
	await instance.createCollection('articles', [uuidKey(), text('title')]);
	await instance.createCollection('comments', [uuidKey(), text('text'), reference('article', 'uuid')]);
	await addAlias(instance, 'articles', 'comments', 'o2m');
	await manyToOne(instance, { collection: 'comments', field: 'article', to: 'articles', alias: 'comments' });
}
