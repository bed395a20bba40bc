import { beforeEach, describe, expect, it } from 'vitest';
import { resyncCollection, resyncItems, resyncSources } from '../../src/engine/resync.ts';
import { settle } from '../../src/feed/settle.ts';
import { finished, TELL_ALL } from '../../src/link/fingerprint.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';

describe('resync', () => {
	let node: TestNode;

	beforeEach(async () => {
		node = createTestNode({ sources: [source('a'), source('b')] });
		await node.edit('articles', '1', { title: 'A' });
		await settle(node.ports);
		node.write('articles', 'old', { title: 'from before the install' });
	});

	it('gives the chosen items a new place, and everybody is sent them again', async () => {
		node.data.feed.set('articles\u00001', { ...node.row('articles', '1'), path: [node.data.node] });
		expect(await resyncItems(node.ports, 'articles', ['1'])).toBe(1);
		expect(await settle(node.ports)).toBe(1);
		expect(node.row('articles', '1')).toMatchObject({ seq: 2, path: [] });
	});

	it('leaves out items that neither exist nor ever did', async () => {
		expect(await resyncItems(node.ports, 'articles', ['1', 'old', 'never'])).toBe(2);
		expect(node.data.feed.has('articles\u0000never')).toBe(false);
	});

	it('sends a deletion again', async () => {
		await node.edit('articles', '1', null);
		await settle(node.ports);
		expect(await resyncItems(node.ports, 'articles', ['1'])).toBe(1);
		await settle(node.ports);
		expect(node.row('articles', '1')).toMatchObject({ life: 2, seq: 3 });
	});

	it('of a collection queues all its items, those from before the install included', async () => {
		expect(await resyncCollection(node.ports, 'articles')).toBe(2);
		expect(await settle(node.ports)).toBe(2);
		expect(node.row('articles', 'old')).toMatchObject({ life: 1, born: null });
	});

	it('walks through a collection of many pages without leaving one out', async () => {
		for (let item = 0; item < 1200; item += 1) node.write('pages', String(10_000 + item), { title: 'x' });
		expect(await resyncCollection(node.ports, 'pages')).toBe(1200);
		expect([...node.data.feed.keys()].filter((id) => id.startsWith('pages'))).toHaveLength(1200);
	});

	it('of a collection that is not there queues nothing', async () => {
		expect(await resyncCollection(node.ports, 'recipes')).toBe(0);
		expect(await resyncItems(node.ports, 'recipes', ['1'])).toBe(0);
	});

	it('of sources queues what they list and lets them start over, deletions included', async () => {
		const told = finished(source('a'));
		for (const id of ['a', 'b']) await node.ports.checkpoints.saveProgress(id, { seq: 1, fingerprint: told });
		expect(
			await resyncSources(node.ports, [source('a', { schema: [{ collection: 'articles', fields: ['title'] }] })]),
		).toBe(2);
		expect((await node.ports.checkpoints.read('a')).progress.fingerprint).toEqual(TELL_ALL);
		expect((await node.ports.checkpoints.read('b')).progress.fingerprint).toEqual(told);
	});
});
