import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeedRow } from '../../src/feed/port.ts';
import type { Composed } from '../../src/push/compose.ts';
import { changeBytes, pack } from '../../src/push/pack.ts';
import type { Change } from '../../src/replication/change.ts';
import type { NodeId, Timestamp } from '../../src/replication/timestamp.ts';
import type { Turn } from '../../src/replication/turns.ts';
import { encodeBatch } from '../simulator/memory/wire.ts';
import { nodeId } from '../support/memory/node.ts';

const AT = '019b76daa87b-0000-0000000000010001' as Timestamp;

const change = (item: string, text: string): Change => ({
	collection: 'articles',
	item,
	life: 1,
	born: null,
	fields: { title: { at: AT, value: text } },
	mode: 'upsert',
});

function composed(seq: number, { text = 'x', path = [], told = true }: Partial<Told> = {}): Composed {
	const item = String(seq);
	const row: FeedRow = {
		collection: 'articles',
		item,
		seq,
		touched: null,
		rev: 0,
		life: 1,
		born: null,
		stamps: {},
		path,
	};
	return { row, change: told ? change(item, text) : null };
}

type Told = { text: string; path: NodeId[]; told: boolean };

const seqs = (packs: { rows: Composed[] }[]): (number | null)[][] =>
	packs.map(({ rows }) => rows.map(({ row }) => row.seq));

const ROOMY = { bytes: 1_000_000, changes: 1000 };

describe('pack', () => {
	it('of nothing is nothing', () => {
		expect(pack([], ROOMY)).toEqual([]);
	});

	it('sends changes together as far as the receiver takes them', () => {
		const packs = pack(
			[1, 2, 3, 4, 5].map((seq) => composed(seq)),
			{ ...ROOMY, changes: 2 },
		);
		expect(seqs(packs)).toEqual([[1, 2], [3, 4], [5]]);
	});

	it('keeps changes apart that other nodes have', () => {
		const [a, b] = [nodeId(1), nodeId(2)];
		const packs = pack(
			[
				composed(1),
				composed(2, { path: [a, b] }),
				composed(3, { path: [b, a] }),
				composed(4, { path: [a] }),
				composed(5),
			],
			ROOMY,
		);
		expect(seqs(packs)).toEqual([[1], [2, 3], [4], [5]]);
		expect(packs.map((each) => each.path)).toEqual([[], [a, b], [a], []]);
	});

	it('lets rows of which the source is not told ride along, whatever their path', () => {
		const a = nodeId(1);
		const packs = pack(
			[composed(1, { told: false, path: [a] }), composed(2), composed(3, { told: false, path: [a] }), composed(4)],
			ROOMY,
		);
		expect(seqs(packs)).toEqual([[1, 2, 3, 4]]);
		expect(packs[0]?.path).toEqual([]);
		expect(packs[0]?.changes).toHaveLength(2);
	});

	it('gives a change that is too large by itself a batch of its own', () => {
		const packs = pack([composed(1), composed(2, { text: 'x'.repeat(20_000) }), composed(3)], {
			...ROOMY,
			bytes: 10_000,
		});
		expect(seqs(packs)).toEqual([[1], [2], [3]]);
	});

	it('counts bytes, not characters', () => {
		expect(changeBytes(change('1', 'é🌍'))).toBe(changeBytes(change('1', 'e')) + 5);
	});

	it('keeps the order and loses nothing, within the limits', () => {
		const row = fc.record({
			text: fc.string({ maxLength: 2000 }),
			path: fc.constantFrom<NodeId[]>([], [nodeId(1)], [nodeId(1), nodeId(2)]),
			told: fc.boolean(),
		});
		const limits = fc.record({
			bytes: fc.integer({ min: 8000, max: 20_000 }),
			changes: fc.integer({ min: 1, max: 5 }),
		});
		fc.assert(
			fc.property(fc.array(row, { maxLength: 40 }), limits, (rows, limit) => {
				const all = rows.map((each, index) => composed(index + 1, each));
				const packs = pack(all, limit);
				expect(packs.flatMap((each) => each.rows)).toEqual(all);
				for (const { changes, rows, path } of packs) {
					expect(changes.length).toBeLessThanOrEqual(limit.changes);
					expect(rows.flatMap((each) => each.change ?? [])).toEqual(changes);
					expect(rows.filter((each) => each.change !== null).every((each) => each.row.path === path)).toBe(true);
					const longPath = Array.from({ length: 100 }, (_, index) => nodeId(index));
					const after = Array.from({ length: 33 }, (_, index) => nodeId(index) as string as Turn);
					const link = { source: 'x'.repeat(36), turn: after[0] ?? null, after };
					const body = encodeBatch({ node: nodeId(1), path: longPath, link, changes });
					if (changes.length > 1) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(limit.bytes);
				}
			}),
		);
	});
});
