import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conflictsWith, seenBy, seenByDeletion } from '../../src/replication/conflict.ts';
import { type Digest, digestText } from '../../src/replication/digest.ts';
import { type ItemState, merge } from '../../src/replication/merge.ts';
import type { FieldStamp } from '../../src/replication/stamps.ts';
import {
	createTimestamp,
	type NodeId,
	type Timestamp,
	timestampToMillis,
	timestampToNode,
	UNWRITTEN,
} from '../../src/replication/timestamp.ts';

const nodeId = (number: number): NodeId => `00000000000${number}` as NodeId;
const at = (millis: number, node: number): Timestamp =>
	createTimestamp({ millis, counter: 0, writer: `${nodeId(node)}aaaa` });

/** Nodes write one item by their own clocks, and tell each other what it is now or was some time ago. */
type Step = { kind: 'edit'; node: number; field: string } | { kind: 'tell'; from: number; to: number; ago: number };

/** A write of a node that met one of another there, and whether that counted as a conflict. */
type Meeting = { winner: Timestamp; loser: Timestamp; found: boolean };

/** By write: the values that had been there where it was made, and what had been there before those. */
type Past = Map<Timestamp, Set<Timestamp>>;

function play(nodes: number, steps: Step[]): { meetings: Meeting[]; past: Past } {
	const replicas = Array.from({ length: nodes }, (_, index) => ({
		node: index + 1,
		millis: 0,
		history: [{ life: 1, born: null, stamps: {} }] as ItemState[],
		shown: new Map<string, Timestamp[]>(),
	}));
	const past: Past = new Map();
	const meetings: Meeting[] = [];

	for (const step of steps) {
		const replica = replicas[(step.kind === 'edit' ? step.node : step.to) % nodes];
		const local = replica?.history.at(-1);
		if (!replica || !local) continue;
		const { node, history, shown } = replica;
		const show = (field: string, write: Timestamp) => shown.set(field, [...(shown.get(field) ?? []), write]);

		if (step.kind === 'edit') {
			const before = local.stamps[step.field];
			replica.millis = Math.max(replica.millis, before ? timestampToMillis(before.at) : 0) + 1;
			const write = at(replica.millis, node);
			const stamp = { at: write, digest: digestText(write), over: seenBy(write, before) };
			past.set(write, new Set((shown.get(step.field) ?? []).flatMap((each) => [each, ...(past.get(each) ?? [])])));
			history.push({ ...local, stamps: { ...local.stamps, [step.field]: stamp } });
			show(step.field, write);
			continue;
		}

		const sender = replicas[step.from % nodes];
		const told = sender?.history.at(-1 - (step.ago % sender.history.length));
		if (!told || sender === replica) continue;
		const incoming = { life: 1, born: null, fields: told.stamps };
		const conflicts = conflictsWith(nodeId(node), local, incoming, () => false);

		for (const [field, { at: theirs }] of Object.entries(told.stamps)) {
			const ours = local.stamps[field]?.at;
			if (!ours || timestampToNode(ours) !== nodeId(node) || timestampToNode(theirs) === nodeId(node)) continue;
			const [loser, winner] = [ours, theirs].sort() as [Timestamp, Timestamp];
			const found = conflicts.some((each) => each.field === field && each.winner === winner && each.loser === loser);
			meetings.push({ winner, loser, found });
		}

		const { winners } = merge(local, incoming);
		const won = winners.map((field): [string, FieldStamp] => [field, told.stamps[field] as FieldStamp]);
		history.push({ ...local, stamps: { ...local.stamps, ...Object.fromEntries(won) } });
		for (const [field, stamp] of won) show(field, stamp.at);
	}

	return { meetings, past };
}

const steps: fc.Arbitrary<Step[]> = fc.array(
	fc.oneof(
		fc.record({ kind: fc.constant('edit' as const), node: fc.nat(9), field: fc.constantFrom('title', 'body') }),
		fc.record({ kind: fc.constant('tell' as const), from: fc.nat(9), to: fc.nat(9), ago: fc.nat(3) }),
	),
	{ maxLength: 60, size: 'max' },
);

describe('conflicts', () => {
	const isConcurrent = (past: Past, { winner, loser }: Meeting) => !past.get(winner)?.has(loser);

	it.each([3, 4, 6])('among %i nodes are only writes whose winner had not known the loser', (nodes) => {
		let found = 0;
		fc.assert(
			fc.property(steps, (played) => {
				const { meetings, past } = play(nodes, played);
				const conflicts = meetings.filter((each) => each.found);
				for (const each of conflicts) expect(isConcurrent(past, each)).toBe(true);
				found += conflicts.length;
			}),
			{ numRuns: 1000 },
		);
		expect(found).toBeGreaterThan(1000);
	});

	it('between two nodes are exactly those', () => {
		const counts = { conflict: 0, none: 0 };
		fc.assert(
			fc.property(steps, (played) => {
				const { meetings, past } = play(2, played);
				for (const each of meetings) {
					expect(each.found).toBe(isConcurrent(past, each));
					counts[each.found ? 'conflict' : 'none'] += 1;
				}
			}),
			{ numRuns: 1000 },
		);
		expect(Math.min(counts.conflict, counts.none)).toBeGreaterThan(1000);
	});
});

describe('a conflict', () => {
	const HERE = 1;
	const THERE = 2;
	const digest = (text: string): Digest => digestText(text);
	type Stamp = [millis: number, node: number, over?: Timestamp | null];
	const stampsOf = (fields: Record<string, Stamp>): ItemState['stamps'] =>
		Object.fromEntries(
			Object.entries(fields).map(([field, [millis, node, over]]) => [
				field,
				{ at: at(millis, node), digest: digest(`${millis} ${node}`), ...(over !== undefined && { over }) },
			]),
		);
	const state = (fields: Record<string, Stamp>, options: Partial<ItemState> = {}): ItemState => ({
		life: 1,
		born: null,
		stamps: stampsOf(fields),
		...options,
	});
	const find = (local: ItemState, { life, ended, stamps }: ItemState, isSame = false) =>
		conflictsWith(nodeId(HERE), local, { life, ended, fields: stamps }, () => isSame);

	it('is told where our write loses, and where it wins', () => {
		const found = { field: 'title', winner: at(3, THERE), loser: at(2, HERE) };
		expect(find(state({ title: [2, HERE, null] }), state({ title: [3, THERE, null] }))).toEqual([found]);
		const won = { field: 'title', winner: at(3, HERE), loser: at(2, THERE) };
		expect(find(state({ title: [3, HERE, null] }), state({ title: [2, THERE, null] }))).toEqual([won]);
	});

	it('is none between different fields', () => {
		expect(find(state({ title: [2, HERE, null] }), state({ body: [3, THERE, null] }))).toEqual([]);
	});

	it('is none where one writer knew of the other', () => {
		expect(find(state({ title: [2, HERE, null] }), state({ title: [3, THERE, at(2, HERE)] }))).toEqual([]);
		expect(find(state({ title: [3, HERE, at(2, THERE)] }), state({ title: [2, THERE, null] }))).toEqual([]);
		expect(find(state({ title: [3, HERE, at(2, THERE)] }), state({ title: [1, THERE, null] }))).toEqual([]);
	});

	it('is none between equal values', () => {
		expect(find(state({ title: [2, HERE, null] }), state({ title: [3, THERE, null] }), true)).toEqual([]);
	});

	it('is none between the writes of others: their nodes tell of it', () => {
		expect(find(state({ title: [2, 3, null] }), state({ title: [3, THERE, null] }))).toEqual([]);
	});

	it('is none with a write of ours that comes back', () => {
		expect(find(state({ title: [3, THERE, null] }), state({ title: [2, HERE, null] }))).toEqual([]);
		expect(find(state({ title: [2, HERE, null] }), state({ title: [3, HERE, null] }))).toEqual([]);
	});

	it('is none where a peer does not say what it had seen, or what we have is no edit', () => {
		expect(find(state({ title: [2, HERE, null] }), state({ title: [3, THERE] }))).toEqual([]);
		expect(find(state({ title: [2, HERE] }), state({ title: [3, THERE, null] }))).toEqual([]);
	});

	describe('with a deletion', () => {
		const gone = (millis: number, node: number, over: Timestamp | null, life = 2): ItemState =>
			state({}, { life, ended: { at: at(millis, node), over } });

		it('is told where it takes an edit of ours along, and where ours takes one of another', () => {
			const edited = state({ title: [2, HERE, null], body: [4, HERE, null] });
			expect(find(edited, gone(3, THERE, null))).toEqual([{ field: null, winner: at(3, THERE), loser: at(4, HERE) }]);
			const theirs = state({ title: [2, THERE, null] });
			expect(find(gone(3, HERE, null), theirs)).toEqual([{ field: null, winner: at(3, HERE), loser: at(2, THERE) }]);
		});

		it('is none where the deletion knew of the edits', () => {
			const edited = state({ title: [2, HERE, null], body: [4, HERE, null] });
			expect(find(edited, gone(5, THERE, at(4, HERE)))).toEqual([]);
			expect(find(gone(5, HERE, at(2, THERE)), state({ title: [2, THERE, null] }))).toEqual([]);
		});

		it('is none over content that nobody has edited here', () => {
			expect(find(state({ title: [2, HERE], body: [2, THERE, null] }), gone(5, THERE, null))).toEqual([]);
			expect(find(state({}), gone(5, THERE, null))).toEqual([]);
		});

		it('is none of two deletions, of an earlier life, or of one that is not known', () => {
			expect(find(gone(3, HERE, null), gone(4, THERE, null))).toEqual([]);
			expect(find(state({ title: [2, HERE, null] }), gone(5, THERE, null, 4))).toEqual([]);
			expect(find(state({ title: [2, HERE, null] }), state({}, { life: 2 }))).toEqual([]);
		});
	});
});

describe('what a write has seen', () => {
	const stamp = (millis: number, node: number, over?: Timestamp | null): FieldStamp => ({
		at: at(millis, node),
		digest: digestText('x'),
		...(over !== undefined && { over }),
	});

	it('is nothing for the first one, also over a value that nobody has written', () => {
		expect(seenBy(at(2, 1), undefined)).toBe(null);
		expect(seenBy(at(2, 1), { at: UNWRITTEN, digest: digestText('x') })).toBe(null);
	});

	it('is the write of another node that it replaces, and stays that while its own node goes on writing', () => {
		expect(seenBy(at(3, 1), stamp(2, 2, null))).toBe(at(2, 2));
		expect(seenBy(at(4, 1), stamp(3, 1, at(2, 2)))).toBe(at(2, 2));
		expect(seenBy(at(4, 1), stamp(3, 1))).toBe(null);
	});

	it('is the latest of all fields for a deletion', () => {
		expect(seenByDeletion(at(9, 1), { title: stamp(2, 2, null), body: stamp(8, 1, at(5, 3)) })).toBe(at(5, 3));
		expect(seenByDeletion(at(9, 1), { title: stamp(2, 1, null) })).toBe(null);
		expect(seenByDeletion(at(9, 1), {})).toBe(null);
	});
});
