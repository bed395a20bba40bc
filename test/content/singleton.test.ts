/** A singleton's one name: what becomes of items where a collection is a singleton on one side only, or has become one. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/apply/decide.ts';
import type { CollectionShape } from '../../src/content/port.ts';
import { SINGLETON } from '../../src/content/singleton.ts';
import { settle } from '../../src/feed/settle.ts';
import { suspectTouch } from '../../src/feed/touch.ts';
import { compose } from '../../src/push/compose.ts';
import type { Change } from '../../src/replication/change.ts';
import { createVirtualClock } from '../simulator/memory/clock.ts';
import { ARTICLES, createTestNode, nodeId, source } from '../support/memory/node.ts';
import type { Ports } from '../support/memory/ports.ts';

const SETTINGS: CollectionShape = { ...ARTICLES, isSingleton: true };

const answerTo = (item: string, shape: CollectionShape) => {
	const clock = createVirtualClock({ node: nodeId(1), wall: () => 1000 });
	const fields = { title: { at: clock.stamp(), value: 'A' } };
	const change: Change = { collection: 'articles', item, life: 1, born: null, fields, mode: 'upsert' };
	const context = { clock, node: nodeId(1), baseline: clock.stamp(), listed: () => new Set(['title']) };
	return decide(context, { change, shape, locked: { item, row: null, values: null } });
};

describe('a singleton', () => {
	it('is written under its common name', () => {
		expect(answerTo(SINGLETON, SETTINGS)).toMatchObject({ result: { outcome: 'applied' }, write: { kind: 'create' } });
	});

	it.each([
		['the sender', SINGLETON, ARTICLES, 'on the sender only'],
		['the receiver', '1', SETTINGS, 'there only'],
	])('of %s alone is refused by name, and nothing is written', (_, item, shape, where) => {
		const { result, write } = answerTo(item, shape);
		expect(result).toMatchObject({ outcome: 'failed', code: 'invalid_value' });
		expect(result.message).toContain(where);
		expect(write).toBeNull();
	});

	it('that a collection has become makes no deletions of the items that it had', async () => {
		const node = createTestNode({ sources: [source('a')] });
		await node.edit('articles', '1', { title: 'A' });
		await settle(node.ports);
		const before = node.row('articles', '1');

		const { items } = node.ports;
		const single: Ports = {
			...node.ports,
			items: { ...items, shape: async () => SETTINGS, read: async () => new Map() },
		};
		const touch = suspectTouch({ collection: 'articles', item: '1' }, node.ports.clock.stamp());
		await single.feed.touch([touch]);
		expect(await settle(single)).toBe(0);
		expect(node.row('articles', '1')).toMatchObject({ life: 1, seq: before.seq, touched: null });
		const [composed] = await compose(single, source('a'), [node.row('articles', '1')], null);
		expect(composed?.change).toBeNull();
	});
});
