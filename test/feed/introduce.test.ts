import { describe, expect, it } from 'vitest';
import { introduce } from '../../src/feed/introduce.ts';
import type { Touch } from '../../src/feed/port.ts';
import { settle } from '../../src/feed/settle.ts';
import { unchangedTouch } from '../../src/feed/touch.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';

const OLD = { title: 'A', body: 'a', price: 1, meta: null };

function oldItem(): TestNode {
	const node = createTestNode({ sources: [source('a')] });
	node.write('articles', 'old', OLD);
	return node;
}

const touchOf = (node: TestNode, touch: Partial<Touch>): Touch => ({
	...unchangedTouch({ collection: 'articles', item: 'old' }, node.ports.clock.stamp()),
	...touch,
});

async function touch(node: TestNode, part: Partial<Touch>): Promise<void> {
	const touches = [touchOf(node, part)];
	await introduce(node.ports, touches);
	await node.ports.feed.touch(touches);
	await settle(node.ports);
}

const stampsOf = (node: TestNode) =>
	Object.fromEntries(Object.entries(node.row('articles', 'old').stamps).map(([field, { at }]) => [field, at]));

describe('introduce', () => {
	it('counts only what an edit has changed as written by it, all else as written at the install', async () => {
		const node = oldItem();
		node.write('articles', 'old', { title: 'B' });
		await touch(node, { changed: ['title'] });
		const { baseline } = node.ports;
		const { title, ...others } = stampsOf(node);
		expect((title ?? '') > baseline).toBe(true);
		expect(others).toEqual({ body: baseline, price: baseline, meta: baseline });
		expect(node.row('articles', 'old')).toMatchObject({ life: 1, born: null, seq: 1 });
	});

	it('counts all of an item that is only queued as written at the install', async () => {
		const node = oldItem();
		await touch(node, { changed: [] });
		expect(new Set(Object.values(stampsOf(node)))).toEqual(new Set([node.ports.baseline]));
	});

	it('leaves items alone whose changed fields are not known', async () => {
		const node = oldItem();
		await touch(node, { changed: null });
		expect(Object.values(stampsOf(node))).not.toContain(node.ports.baseline);
	});

	it('leaves creations alone', async () => {
		const node = oldItem();
		await touch(node, { created: true, changed: ['title'] });
		expect(Object.values(stampsOf(node))).not.toContain(node.ports.baseline);
	});

	it('leaves items alone that the feed knows', async () => {
		const node = oldItem();
		await touch(node, { changed: null });
		const before = node.row('articles', 'old');
		await introduce(node.ports, [touchOf(node, { changed: [] })]);
		expect(node.row('articles', 'old')).toEqual(before);
	});

	it('does not invent items that are not there', async () => {
		const node = oldItem();
		await introduce(node.ports, [touchOf(node, { item: 'never' })]);
		expect(node.data.feed.size).toBe(0);
	});
});

describe('an update of an item that is not there', () => {
	it('is left out, so that it is not taken for a deletion', async () => {
		const node = oldItem();
		for (const changed of [['title'], null]) {
			const ghost = touchOf(node, { item: 'ghost', changed, onlyUpdated: true });
			const real = touchOf(node, { changed, onlyUpdated: true });
			expect(await introduce(node.ports, [ghost, real])).toEqual([real]);
		}
	});

	it('counts when the feed knows the item: it was there, and is gone', async () => {
		const node = oldItem();
		await touch(node, { changed: null });
		node.write('articles', 'old', null);
		const update = touchOf(node, { changed: ['title'], onlyUpdated: true });
		expect(await introduce(node.ports, [update])).toEqual([update]);
	});

	it('is no reason to leave out a deletion', async () => {
		const node = oldItem();
		const deletion = touchOf(node, { item: 'ghost', changed: null });
		expect(await introduce(node.ports, [deletion])).toEqual([deletion]);
	});
});
