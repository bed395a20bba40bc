import { beforeEach, describe, expect, it } from 'vitest';
import { findDiffering, type Suspicion } from '../../src/capture/differing.ts';
import { settle } from '../../src/feed/settle.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';

describe('findDiffering', () => {
	let node: TestNode;

	beforeEach(async () => {
		const schema = [{ collection: 'articles', fields: ['title', 'price'] }];
		node = createTestNode({ sources: [source('a', { schema })] });
		for (const item of ['1', '2', '3']) await node.edit('articles', item, { title: item, body: item, price: 1 });
		await settle(node.ports);
		node.write('articles', 'old', { title: 'from before the install' });
	});

	const find = async (suspicion: Partial<Suspicion> = {}) => {
		const found: [item: string, changed: string[] | null][] = [];
		const whole = { collection: 'articles', fields: null, unknown: false, ...suspicion };
		for await (const touches of findDiffering(node.ports, whole)) {
			for (const { item, changed } of touches) found.push([item, changed]);
		}
		return found;
	};

	it('finds what was written past all capture, and nothing else', async () => {
		expect(await find()).toEqual([]);
		node.write('articles', '2', { price: 2 });
		node.write('articles', '3', { body: 'not listed' });
		expect(await find()).toEqual([['2', ['title', 'price']]]);
	});

	it('compares the given fields only, and those only that are listed', async () => {
		node.write('articles', '1', { title: 'changed' });
		node.write('articles', '2', { price: 2 });
		expect(await find({ fields: ['price', 'body'] })).toEqual([['2', ['price']]]);
		expect(await find({ fields: ['body'], unknown: true })).toEqual([]);
	});

	it('finds items that the feed does not know, if asked to', async () => {
		expect(await find({ fields: ['price'], unknown: true })).toEqual([['old', ['price']]]);
	});

	it('finds an item that is back', async () => {
		await node.edit('articles', '1', null);
		await settle(node.ports);
		node.write('articles', '1', { title: '1', body: '1', price: 1 });
		expect(await find({ fields: ['price'] })).toEqual([['1', ['price']]]);
	});

	it('looks at nothing that is not listed', async () => {
		expect(await find({ collection: 'comments', unknown: true })).toEqual([]);
		expect(await find({ collection: 'nowhere', unknown: true })).toEqual([]);
	});
});
