import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAlive } from '../../src/replication/life.ts';
import { type ItemState, merge } from '../../src/replication/merge.ts';
import { createTimestamp, type Timestamp, UNWRITTEN } from '../../src/replication/timestamp.ts';
import { digestOf, type Replica, replica, type Write } from './arbitraries.ts';
import { referenceMerge } from './merge-reference.ts';

const at = (millis: number): Timestamp => createTimestamp({ millis, counter: 0, writer: '000000000001aaaa' });

const toState = ({ life, born, fields }: Replica): ItemState => ({
	life,
	born,
	stamps: Object.fromEntries(
		Object.entries(fields).map(([field, { at, value }]) => [field, { at, digest: digestOf(value) }]),
	),
});

/** What a replica is after it has applied the other's state: the merge's decision, carried out. */
function apply(local: Replica, incoming: Replica): Replica {
	const merged = merge(toState(local), incoming);
	const kept: Record<string, Write> = merged.life === local.life ? { ...local.fields } : {};
	for (const field of merged.winners) {
		const write = incoming.fields[field];
		if (write) kept[field] = write;
	}
	return { life: merged.life, born: merged.born, fields: isAlive(merged.life) ? kept : {} };
}

const empty = (life: number, fields: Record<string, number> = {}, born: Timestamp | null = null): Replica => ({
	life,
	born,
	fields: Object.fromEntries(
		Object.entries(fields).map(([field, millis]) => [field, { at: at(millis), value: millis }]),
	),
});

describe('merge', () => {
	it('is commutative', () => {
		fc.assert(
			fc.property(replica, replica, (a, b) => {
				expect(apply(a, b)).toEqual(apply(b, a));
			}),
			{ numRuns: 1000 },
		);
	});

	it('is associative', () => {
		fc.assert(
			fc.property(replica, replica, replica, (a, b, c) => {
				expect(apply(apply(a, b), c)).toEqual(apply(a, apply(b, c)));
			}),
			{ numRuns: 1000 },
		);
	});

	it('is idempotent: what has been merged changes nothing any more', () => {
		fc.assert(
			fc.property(replica, replica, (a, b) => {
				const once = apply(a, b);
				expect(apply(once, b)).toEqual(once);
				expect(apply(once, a)).toEqual(once);
				expect(merge(toState(once), b).winners).toEqual([]);
			}),
			{ numRuns: 1000 },
		);
	});

	it('of two deletions of one life keeps ours, which contributes what was seen here, and takes the earlier birth', () => {
		const dead = { life: 2, born: at(5), stamps: {} };
		const kept = { life: 2, stays: true, winners: [], superseded: [], localContributes: true };
		expect(merge(dead, { life: 2, born: at(3), fields: {} })).toEqual({ ...kept, born: at(3) });
		expect(merge(dead, { life: 2, born: at(7), fields: { title: { at: at(9) } } })).toEqual({ ...kept, born: at(5) });
	});

	it('counts as a contribution of ours what somebody has written, and not what nobody has', () => {
		const local = (stamp: Timestamp): ItemState => ({
			life: 1,
			born: null,
			stamps: { body: { at: stamp, digest: digestOf(1) } },
		});
		const incoming = { life: 1, born: null, fields: { title: { at: at(1) } } };
		expect(merge(local(UNWRITTEN), incoming).localContributes).toBe(false);
		expect(merge(local(at(1)), incoming).localContributes).toBe(true);
	});

	it('is monotone: lives and stamps only rise', () => {
		fc.assert(
			fc.property(replica, replica, (a, b) => {
				const after = apply(a, b);
				expect(after.life).toBeGreaterThanOrEqual(a.life);
				if (after.life !== a.life) return;
				for (const [field, write] of Object.entries(a.fields)) {
					expect((after.fields[field]?.at ?? '') >= write.at).toBe(true);
				}
			}),
		);
	});

	it('agrees with a ten-line implementation', () => {
		fc.assert(
			fc.property(fc.array(replica, { minLength: 2, maxLength: 5 }), ([first, ...others]) => {
				if (!first) return;
				expect(others.reduce(apply, first)).toEqual(others.reduce(referenceMerge, first));
			}),
			{ numRuns: 1000 },
		);
	});

	it('ends the same in every order of delivery, however often', () => {
		const deliveries = fc
			.array(replica, { minLength: 1, maxLength: 4 })
			.chain((states) =>
				fc.tuple(fc.shuffledSubarray([...states, ...states], { minLength: states.length * 2 }), fc.constant(states)),
			);
		fc.assert(
			fc.property(deliveries, ([shuffled, ordered]) => {
				const start = empty(0);
				expect(shuffled.reduce(apply, start)).toEqual(ordered.reduce(apply, start));
			}),
		);
	});

	it('lets the later stamp of each field win by itself', () => {
		const merged = merge(toState(empty(1, { title: 1, body: 5 })), empty(1, { title: 2, body: 4 }));
		expect(merged).toMatchObject({ life: 1, winners: ['title'], superseded: ['body'], localContributes: true });
	});

	it('takes a field it knows nothing of', () => {
		expect(merge(toState(empty(1)), empty(1, { title: 1 })).winners).toEqual(['title']);
	});

	it('does nothing over equal stamps, even where the value was stored less exactly', () => {
		const local: ItemState = { life: 1, born: null, stamps: { due: { at: at(3), digest: digestOf('12:00') } } };
		const merged = merge(local, { life: 1, born: null, fields: { due: { at: at(3) } } });
		expect(merged).toMatchObject({ winners: [], superseded: [], localContributes: false });
	});

	it('lets a deletion win over a later edit of the life it ended', () => {
		expect(merge(toState(empty(1, { title: 9 })), empty(2))).toMatchObject({ life: 2, winners: [] });
		expect(merge(toState(empty(2)), empty(1, { title: 9 }))).toMatchObject({ life: 2, superseded: ['title'] });
	});

	it('lets a re-creation win over the deletion, with all its fields', () => {
		expect(merge(toState(empty(2)), empty(3, { title: 1 }))).toMatchObject({ life: 3, winners: ['title'] });
	});

	it('says whether the local state adds something, so that it is passed on', () => {
		const contributes = (local: Replica, incoming: Replica) => merge(toState(local), incoming).localContributes;
		expect(contributes(empty(1, { title: 1 }), empty(1, { title: 2 }))).toBe(false);
		expect(contributes(empty(1, { title: 1 }), empty(1, { title: 1 }))).toBe(false);
		expect(contributes(empty(1, { title: 1, body: 1 }), empty(1, { title: 2 }))).toBe(true);
		expect(contributes(empty(3, { title: 1 }), empty(2))).toBe(true);
		expect(contributes(empty(2), empty(3, { title: 1 }))).toBe(false);
	});
});
