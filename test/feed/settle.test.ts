import { beforeEach, describe, expect, it } from 'vitest';
import { introduce } from '../../src/feed/introduce.ts';
import { hasPassed } from '../../src/feed/passes.ts';
import { settle } from '../../src/feed/settle.ts';
import { suspectTouch } from '../../src/feed/touch.ts';
import { UNWRITTEN } from '../../src/replication/timestamp.ts';
import { postgres } from '../simulator/memory/vendor.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';
import type { Ports } from '../support/memory/ports.ts';

const listing = (fields: string[]) => [{ collection: 'articles', fields }];

describe('settle', () => {
	it('stamps a new item with its touch and gives it the next place in the feed', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', { title: 'A' });
		const touched = node.row('articles', '1').touched;
		expect(await settle(node.ports)).toBe(1);
		expect(node.row('articles', '1')).toMatchObject({ seq: 1, touched: null, life: 1, born: touched, path: [] });
		expect(node.row('articles', '1').stamps.title?.at).toBe(touched);
	});

	it('stamps only the fields that differ', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', { title: 'A', body: 'a' });
		await settle(node.ports);
		const before = node.row('articles', '1').stamps;
		await node.edit('articles', '1', { title: 'B' });
		expect(await settle(node.ports)).toBe(1);
		const after = node.row('articles', '1').stamps;
		expect(after.body).toEqual(before.body);
		expect((after.title?.at ?? '') > (before.title?.at ?? '')).toBe(true);
	});

	it('makes no change of a touch that changed nothing', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', { title: 'A' });
		await settle(node.ports);
		const before = node.row('articles', '1');
		await node.edit('articles', '1', { title: 'A' });
		expect(await settle(node.ports)).toBe(0);
		expect(node.row('articles', '1')).toEqual({ ...before, rev: before.rev + 2 });
		expect(node.data.lastSeq).toBe(1);
	});

	it('makes no change of a value that only looks different', async () => {
		const node = createTestNode({ sources: [source('a')], vendor: postgres });
		await node.edit('articles', '1', { price: 12.5, meta: { a: 1, b: 2 } });
		await settle(node.ports);
		await node.edit('articles', '1', { price: '12.50', meta: { b: 2, a: 1 } });
		expect(await settle(node.ports)).toBe(0);
	});

	it('stamps an edit later than what it replaced, though it was touched before that arrived', async () => {
		const node = createTestNode({ sources: [source('a')] });
		const early = node.ports.clock.stamp();
		await node.edit('articles', '1', { title: 'A' });
		await settle(node.ports);
		const before = node.row('articles', '1').stamps.title?.at ?? '';
		node.write('articles', '1', { title: 'B' });
		await node.ports.feed.touch([suspectTouch({ collection: 'articles', item: '1' }, early)]);
		await settle(node.ports);
		expect((node.row('articles', '1').stamps.title?.at ?? '') > before).toBe(true);
	});

	it('looks only at fields that some source lists, published or not', async () => {
		const node = createTestNode({
			sources: [
				source('a', { schema: listing(['title']) }),
				source('b', { schema: listing(['body']), published: false }),
			],
		});
		await node.edit('articles', '1', { title: 'A', body: 'a', price: 1 });
		await settle(node.ports);
		expect(Object.keys(node.row('articles', '1').stamps)).toEqual(['title', 'body']);
	});

	describe('a field that is listed since lately', () => {
		const BOTH = listing(['title', 'body']);
		let node: TestNode;

		const touch = async (changed: string[] | null) => {
			const touches = [{ ...suspectTouch({ collection: 'articles', item: '1' }, node.ports.clock.stamp()), changed }];
			await node.ports.feed.touch(await introduce(node.ports, touches));
			await settle(node.ports);
		};
		const stamps = () => node.row('articles', '1').stamps;

		beforeEach(async () => {
			node = createTestNode({ sources: [source('a', { schema: listing(['title']) })] });
			await node.edit('articles', '1', { title: 'A', body: 'a', price: null });
			await settle(node.ports);
		});

		it('overrules nobody, as nobody knows when it was written', async () => {
			node.data.sources = [source('a', { schema: BOTH })];
			await touch(null);
			expect(stamps().body?.at).toBe(node.ports.baseline);
		});

		it('is not told where it is empty, as it may never have been written', async () => {
			node.write('articles', '1', { body: null });
			node.data.sources = [source('a', { schema: BOTH })];
			await touch(null);
			expect(stamps().body?.at).toBe(UNWRITTEN);
		});

		it('is written by the first edit of it', async () => {
			node.data.sources = [source('a', { schema: BOTH })];
			node.write('articles', '1', { body: 'edited', price: 3 });
			await touch(['body', 'price']);
			expect((stamps().body?.at ?? '') > (stamps().title?.at ?? '')).toBe(true);
			expect(Object.keys(stamps())).toEqual(['title', 'body']);
		});

		it('is not taken for written by an edit of another one', async () => {
			node.data.sources = [source('a', { schema: BOTH })];
			node.write('articles', '1', { title: 'B' });
			await touch(['title']);
			expect(stamps().body?.at).toBe(node.ports.baseline);
		});
	});

	it('ignores listed fields that the collection does not have', async () => {
		const node = createTestNode({ sources: [source('a', { schema: listing(['title', 'mood', 'id']) })] });
		await node.edit('articles', '1', { title: 'A', mood: 'x' });
		await settle(node.ports);
		expect(Object.keys(node.row('articles', '1').stamps)).toEqual(['title']);
	});

	it('ends a life, and starts the next', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', { title: 'A' });
		await settle(node.ports);
		await node.edit('articles', '1', null);
		expect(await settle(node.ports)).toBe(1);
		expect(node.row('articles', '1')).toMatchObject({ life: 2, stamps: {}, seq: 2 });
		await node.edit('articles', '1', { title: 'A' });
		await settle(node.ports);
		expect(node.row('articles', '1')).toMatchObject({ life: 3, seq: 3 });
		expect(node.row('articles', '1').born).toBe(node.row('articles', '1').stamps.title?.at);
	});

	it('takes deleting and re-creating before it came by for an edit', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', { title: 'A' });
		await settle(node.ports);
		const { born } = node.row('articles', '1');
		await node.edit('articles', '1', null);
		await node.edit('articles', '1', { title: 'B' });
		await settle(node.ports);
		expect(node.row('articles', '1')).toMatchObject({ life: 1, born });
	});

	it('remembers which items a counted key has had, whoever says that they were created', async () => {
		const node = createTestNode({ sources: [source('a')] });
		const born = () => node.row('pages', '1').born;
		await node.edit('pages', '1', { title: 'A' });
		await settle(node.ports);
		const first = born();
		await node.edit('pages', '1', null);
		await settle(node.ports);
		expect(node.row('pages', '1')).toMatchObject({ life: 2, buried: [first] });
		await node.edit('pages', '1', { title: 'B' });
		await settle(node.ports);
		const second = born();
		expect(node.row('pages', '1')).toMatchObject({ life: 3, buried: [first] });
		expect(second).not.toBe(first);
		await node.edit('pages', '1', null);
		await settle(node.ports);
		node.write('pages', '1', { title: 'C' });
		const at = node.ports.clock.stamp();
		await node.ports.feed.touch([suspectTouch({ collection: 'pages', item: '1' }, at)]);
		await settle(node.ports);
		expect(node.row('pages', '1')).toMatchObject({ life: 5, born: at, buried: [first, second] });
	});

	it('remembers no such thing of other keys', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', { title: 'A' });
		await settle(node.ports);
		await node.edit('articles', '1', null);
		await settle(node.ports);
		expect(node.row('articles', '1').buried).toBe(undefined);
	});

	it('remembers the deletion of an item from before the install', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', null);
		await settle(node.ports);
		expect(node.row('articles', '1')).toMatchObject({ life: 2, seq: 1 });
	});

	it('takes a collection that is gone for no deletion of its items', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', { title: 'A' });
		await settle(node.ports);
		await node.ports.feed.touch([suspectTouch({ collection: 'articles', item: '1' }, node.ports.clock.stamp())]);
		node.data.shapes = new Map();
		expect(await settle(node.ports)).toBe(0);
		expect(node.row('articles', '1')).toMatchObject({ life: 1, touched: null, seq: 1 });
	});

	it('numbers in the order of the touches', async () => {
		const node = createTestNode({ sources: [source('a')] });
		for (const item of ['3', '1', '2']) await node.edit('articles', item, { title: item });
		await settle(node.ports);
		expect(['3', '1', '2'].map((item) => node.row('articles', item).seq)).toEqual([1, 2, 3]);
	});

	it('leaves an item that was touched again meanwhile for the next run, and comes to an end', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', { title: 'A' });
		let edits = 3;
		const items: Ports['items'] = {
			...node.ports.items,
			read: async (...args) => {
				const values = await node.ports.items.read(...args);
				if (edits-- > 0) await node.edit('articles', '1', { title: `edit ${edits}` });
				return values;
			},
		};
		await settle({ ...node.ports, items });
		expect(node.row('articles', '1')).toMatchObject({ touched: null });
		expect(node.row('articles', '1').seq).not.toBe(null);
		expect(await settle(node.ports)).toBe(0);
		expect(node.value('articles', '1', 'title')).toBe('edit 0');
	});

	it('comes to an end even where it can change nothing', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', { title: 'A' });
		const feed: Ports['feed'] = { ...node.ports.feed, settle: async () => {} };
		await settle({ ...node.ports, feed });
		expect(node.row('articles', '1').seq).toBe(null);
	});

	it('gives items that were queued again a new place though nothing differs', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', { title: 'A' });
		await settle(node.ports);
		const before = node.row('articles', '1').stamps;
		await node.ports.feed.touch([suspectTouch({ collection: 'articles', item: '1' }, node.ports.clock.stamp())], {
			again: true,
		});
		expect(await settle(node.ports)).toBe(1);
		expect(node.row('articles', '1')).toMatchObject({ seq: 2, stamps: before });
	});

	it('persists the clock, so that a restart does not fall back behind it', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', { title: 'A' });
		await settle(node.ports);
		expect((node.data.clock ?? '') > (node.row('articles', '1').stamps.title?.at ?? '')).toBe(true);
	});

	describe('with what can not be used:', () => {
		const filtered = (filter: object) => [{ collection: 'articles', fields: ['title'], filter }];

		it('a filter on an unknown field lets nothing pass, and keeps nothing else from being settled', async () => {
			const sources = [
				source('bad', { schema: filtered({ mood: { _eq: 'good' } }), published: false }),
				source('good', { schema: filtered({ title: { _eq: 'A' } }) }),
				source('all'),
			];
			const node = createTestNode({ sources });
			await node.edit('articles', '1', { title: 'A' });
			await node.edit('pages', '1', { title: 'P' });
			expect(await settle(node.ports)).toBe(2);
			const [bad, good] = sources.map(({ listing }) => listing.get('articles')?.filter ?? {});
			expect(hasPassed(node.row('articles', '1'), good ?? {})).toBe(true);
			expect(hasPassed(node.row('articles', '1'), bad ?? {})).toBe(false);
		});

		it('an item that may have entered a filter while that could not be used is news', async () => {
			const node = createTestNode({ sources: [source('bad', { schema: filtered({ mood: { _eq: 'good' } }) })] });
			await node.edit('articles', '1', { title: 'A' });
			expect(await settle(node.ports)).toBe(1);
			await node.edit('articles', '1', { title: 'A' });
			expect(await settle(node.ports)).toBe(1);
			expect(node.row('articles', '1').seq).toBe(2);
		});

		it('a collection that can not be read stays unsettled, is told of once, and holds up no other', async () => {
			const node = createTestNode({ sources: [source('a')] });
			const { items } = node.ports;
			const read: typeof items.read = (shape, ...rest) =>
				shape.collection === 'articles' ? Promise.reject(new Error('no such table')) : items.read(shape, ...rest);
			const ports = { ...node.ports, items: { ...items, read } };
			for (let number = 0; number < 600; number += 1) await node.edit('articles', `${number}`, { title: 'A' });
			await node.edit('pages', '1', { title: 'P' });
			await node.edit('comments', '1', { text: 'C' });
			const faults: unknown[] = [];
			expect(await settle(ports, (...fault) => faults.push(fault))).toBe(2);
			expect(faults).toEqual([['articles', new Error('no such table')]]);
			expect(await node.ports.feed.backlog()).toEqual({ unnoted: 0, unsettled: new Map([['articles', 600]]) });
			expect(await settle(node.ports)).toBe(600);
			expect(await node.ports.feed.backlog()).toEqual({ unnoted: 0, unsettled: new Map() });
		});
	});
});
