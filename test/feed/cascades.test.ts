import { beforeEach, describe, expect, it } from 'vitest';
import { apply } from '../../src/apply/apply.ts';
import { touchCaptured } from '../../src/capture/touch-captured.ts';
import { findCascaded } from '../../src/feed/cascades.ts';
import { settle } from '../../src/feed/settle.ts';
import { cascadedTouch } from '../../src/feed/touch.ts';
import type { Change } from '../../src/replication/change.ts';
import { stampAfter } from '../../src/replication/clock.ts';
import type { Json } from '../../src/replication/digest.ts';
import { createTimestamp, type Timestamp, timestampToNode, UNWRITTEN } from '../../src/replication/timestamp.ts';
import { createTestNode, nodeId, shape, source, type TestNode } from '../support/memory/node.ts';

const SENDER = nodeId(2);
const at = (offset: number): Timestamp =>
	createTimestamp({ millis: 1_767_225_600_000 + offset, counter: 0, writer: '000000000002aaaa' });

const to = (collection: string) => ({ to: collection, by: null, nullable: true });
const SHAPES = [
	shape(
		'pages',
		{ title: 'string' },
		{
			cascadesTo: [
				{ collection: 'notes', field: 'page' },
				{ collection: 'parts', field: 'page' },
			],
		},
	),
	shape('notes', { text: 'string', page: 'string' }, { references: new Map([['page', to('pages')]]) }),
	shape(
		'parts',
		{ text: 'string', page: 'string' },
		{ references: new Map([['page', to('pages')]]), cascadesTo: [{ collection: 'words', field: 'part' }] },
	),
	shape('words', { text: 'string', part: 'string' }, { references: new Map([['part', to('parts')]]) }),
];
const FOREIGN_KEYS = [
	{ collection: 'notes', field: 'page', parent: 'pages', onDelete: 'SET NULL' as const },
	{ collection: 'parts', field: 'page', parent: 'pages', onDelete: 'CASCADE' as const },
	{ collection: 'words', field: 'part', parent: 'parts', onDelete: 'CASCADE' as const },
];
const SCHEMA = SHAPES.map(({ collection, fields }) => ({ collection, fields: [...fields.keys()] }));

function change(name: string, fields: Record<string, Json>, options: Partial<Change> = {}): Change {
	const [collection = '', item = ''] = name.split(' ');
	const writes = Object.entries(fields).map(([field, value]) => [field, { at: at(1), over: null, value }]);
	return { collection, item, life: 1, born: at(1), fields: Object.fromEntries(writes), mode: 'upsert', ...options };
}

describe('what a database does by itself when an item is deleted', () => {
	let node: TestNode;
	const send = (...changes: Change[]) => apply(node.ports, { node: SENDER, path: [SENDER], link: null, changes });
	const pageAt = (offset: number, value: string | null): Change => ({
		...change('notes n', {}),
		fields: { page: { at: at(offset), over: null, value } },
	});
	const deletion = (offset: number): Change =>
		change('pages p', {}, { life: 2, ended: { at: at(offset), over: null } });

	beforeEach(async () => {
		const shapes = new Map(SHAPES.map((each) => [each.collection, each]));
		node = createTestNode({ shapes, foreignKeys: FOREIGN_KEYS, sources: [source('other', { schema: SCHEMA })] });
		await send(
			change('pages p', { title: 'P' }),
			change('pages q', { title: 'Q' }),
			change('notes n', { text: 'N', page: 'p' }),
			change('notes of-q', { text: 'N', page: 'q' }),
			change('parts a', { text: 'A', page: 'p' }),
			change('words w', { text: 'W', part: 'a' }),
		);
		await settle(node.ports);
	});

	it('is stamped as written right after what it was, where a remote has deleted the item', async () => {
		await send(deletion(5));
		await settle(node.ports);
		expect(node.row('notes', 'n').stamps.page?.at).toBe(stampAfter(at(1), UNWRITTEN));
		expect(node.row('notes', 'n').stamps.text?.at).toBe(at(1));
		expect(node.row('notes', 'n').stamps.page?.over).toBe(undefined);
		expect(node.row('parts', 'a')).toMatchObject({ life: 2, ended: { at: at(5) } });
		expect(node.row('words', 'w')).toMatchObject({ life: 2, ended: { at: at(5) } });
		expect(node.row('notes', 'of-q')).toMatchObject({ touched: null, stamps: { page: { at: at(1) } } });
	});

	it.each([
		['later', 6],
		['earlier', 4],
	])('loses to an edit that was %s than the deletion, and comes after it', async (_when, offset) => {
		await send(deletion(5));
		expect(node.value('notes', 'n', 'page')).toBe(null);
		expect(await send(pageAt(offset, 'q'))).toEqual([{ outcome: 'applied' }]);
		expect(node.value('notes', 'n', 'page')).toBe('q');
		expect(node.data.conflicts.size).toBe(0);
	});

	it('explains an empty reference, and not what else has just been written to the item', async () => {
		await send(deletion(5));
		node.write('notes', 'n', { text: 'Edited', page: null });
		await settle(node.ports);
		const { text, page } = node.row('notes', 'n').stamps;
		expect(page?.at).toBe(stampAfter(at(1), UNWRITTEN));
		expect(timestampToNode(text?.at ?? UNWRITTEN)).toBe(nodeId(1));

		await send(change('notes of-p', { text: 'N', page: 'q' }));
		await settle(node.ports);
		await node.ports.feed.touch([cascadedTouch({ collection: 'notes', item: 'of-p' }, null)]);
		node.write('notes', 'of-p', { page: 'elsewhere' });
		await settle(node.ports);
		expect(timestampToNode(node.row('notes', 'of-p').stamps.page?.at ?? UNWRITTEN)).toBe(nodeId(1));
	});

	it('is noticed on the node where an editor deletes the item, even when it is there again', async () => {
		for (const [collection, item, values] of [
			['notes', 'n', { page: null }],
			['parts', 'a', null],
			['words', 'w', null],
		] as const) {
			node.write(collection, item, values);
		}
		const touch = { collection: 'pages', item: 'p', at: node.ports.clock.stamp(), created: true, changed: null };
		await touchCaptured(node.ports, [{ ...touch, deleted: true }]);
		await settle(node.ports);
		expect(node.row('pages', 'p').life).toBe(1);
		expect(node.row('notes', 'n').stamps.page?.at).toBe(stampAfter(at(1), UNWRITTEN));
		expect(node.row('parts', 'a')).toMatchObject({ life: 2, ended: { at: touch.at } });
		expect(node.row('words', 'w')).toMatchObject({ life: 2, ended: { at: touch.at } });
	});

	it('takes nothing along that refers to something else by now, and ends in a ring', async () => {
		const { ports } = node;
		const ring = shape('parts', { page: 'string' }, { cascadesTo: [{ collection: 'parts', field: 'page' }] });
		const touches = await findCascaded(
			{
				shape: async () => ring,
				referring: async () => [{ collection: 'parts', item: 'a' }],
				existing: async () => new Set(),
			},
			[{ collection: 'parts', item: 'a', at: at(5) }],
		);
		expect(touches).toMatchObject([{ collection: 'parts', item: 'a', at: at(5) }]);

		await send(pageAt(2, 'q'));
		await settle(ports);
		const existing = async (_: string, items: string[]) => new Set(items);
		const found = await findCascaded({ shape: ports.items.shape, referring: ports.feed.referring, existing }, [
			{ collection: 'pages', item: 'p', at: at(5) },
		]);
		expect(found.map(({ collection }) => collection)).toEqual(['parts']);
	});
});
