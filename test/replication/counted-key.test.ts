import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buriedIn, isKeyConflict, mergeCounted } from '../../src/replication/counted-key.ts';
import { type Birth, isAlive } from '../../src/replication/life.ts';
import type { ItemState } from '../../src/replication/merge.ts';
import { createTimestamp, type Timestamp } from '../../src/replication/timestamp.ts';
import { digestOf } from './arbitraries.ts';

const at = (millis: number): Timestamp => createTimestamp({ millis, counter: 0, writer: '000000000001aaaa' });
const birth = (millis: number | null): Birth => (millis === null ? null : at(millis));

type Held = {
	life: number;
	born: Birth;
	buried?: readonly Birth[] | undefined;
	fields: Record<string, { at: Timestamp; value: string }>;
};

const born = (life: number, millis: number | null, buried?: (number | null)[], title?: number): Held => ({
	life,
	born: birth(millis),
	...(buried && { buried: buried.map(birth) }),
	fields: title === undefined ? {} : { title: { at: at(title), value: `${title}` } },
});

const toState = ({ fields, ...rest }: Held): ItemState => ({
	...rest,
	stamps: Object.fromEntries(
		Object.entries(fields).map(([field, { at, value }]) => [field, { at, digest: digestOf(value) }]),
	),
});

/** What a node is after it was told the other's state; a key conflict is refused. */
function apply(local: Held, incoming: Held): Held {
	if (isKeyConflict(local, incoming)) return local;
	const merged = mergeCounted(toState(local), incoming);
	const fields = merged.stays ? { ...local.fields } : {};
	for (const field of merged.winners) Object.assign(fields, { [field]: incoming.fields[field] });
	const { life, born: itsBirth, buried } = merged;
	return { life, born: itsBirth, buried, fields: isAlive(life) ? fields : {} };
}

describe('key conflict', () => {
	const conflicts = isKeyConflict;

	it('is two items that were born apart under one counted key', () => {
		expect(conflicts(born(1, 1), born(1, 2))).toBe(true);
	});

	it('is an item from before the install against a fresh one', () => {
		expect(conflicts(born(1, null), born(1, 2))).toBe(true);
		expect(conflicts(born(1, 2), born(1, null))).toBe(true);
	});

	it('is an item that is left after a deletion against one that nobody has deleted', () => {
		expect(conflicts(born(1, 1), born(3, 3, [2]))).toBe(true);
		expect(conflicts(born(3, 3, [2]), born(1, 1))).toBe(true);
	});

	it('is no conflict between copies of one item', () => {
		expect(conflicts(born(1, 1), born(1, 1))).toBe(false);
		expect(conflicts(born(1, 1), born(2, 1))).toBe(false);
		expect(conflicts(born(1, null), born(1, null))).toBe(false);
		expect(conflicts(born(1, 1), born(3, 1, [2]))).toBe(false);
	});

	it('is none with the deletion of another item: that one is gone, and this one stays', () => {
		expect(conflicts(born(1, 1), born(2, 2))).toBe(false);
		expect(apply(born(1, 1, [], 1), born(2, 2))).toEqual(born(3, 1, [2], 1));
	});

	it('is none where we have no item, or only an older life of it', () => {
		expect(conflicts(born(0, null), born(1, 2))).toBe(false);
		expect(conflicts(born(2, 1), born(3, 2))).toBe(false);
		expect(conflicts(born(1, 1), born(3, 2))).toBe(false);
		expect(conflicts(born(1, 1), born(3, 2, [1]))).toBe(false);
	});

	it('is none for news of a life that ended here long ago', () => {
		expect(conflicts(born(3, 3), born(1, 1))).toBe(false);
		expect(conflicts(born(3, 3), born(2, 1))).toBe(false);
		expect(conflicts(born(3, 3, [1]), born(1, 1))).toBe(false);
	});
});

describe('merge under a counted key', () => {
	it('lets a deletion end its own item, whatever life that has here', () => {
		expect(apply(born(1, 1, [], 1), born(2, 1))).toEqual(born(2, 1, [1]));
		expect(apply(born(3, 1, [2], 1), born(2, 1))).toEqual(born(4, 1, [1, 2]));
	});

	it('creates the item that is left where the other one was deleted, above that life', () => {
		expect(apply(born(2, 1, [1]), born(1, 2, [], 5))).toEqual(born(3, 2, [1], 5));
		expect(mergeCounted(toState(born(2, 1, [1])), born(1, 2))).toMatchObject({ stays: false, localContributes: true });
	});

	it('puts the item that is left in the place of one whose deletion it tells of', () => {
		expect(apply(born(1, 1, [], 9), born(3, 2, [1], 5))).toEqual(born(3, 2, [1], 5));
		expect(apply(born(3, 1, [4], 9), born(3, 2, [1], 5))).toEqual(born(5, 2, [1, 4], 5));
	});

	it('never takes back what was deleted for what is left', () => {
		const left = born(3, 2, [1], 5);
		for (const late of [born(1, 1, [], 9), born(2, 1, [1]), born(3, 1, [], 9)]) {
			const after = apply(left, late);
			expect(after).toMatchObject({ born: at(2), fields: left.fields });
			expect(after.life).toBeGreaterThanOrEqual(3);
			expect(apply(after, late)).toEqual(after);
		}
	});

	it('merges one item per field, whatever lives its copies have', () => {
		expect(apply(born(1, 2, [], 9), born(3, 2, [1], 5))).toEqual(born(3, 2, [1], 9));
		expect(apply(born(3, 2, [1], 5), born(1, 2, [], 9))).toEqual(born(3, 2, [1], 9));
		expect(mergeCounted(toState(born(1, 2, [], 9)), born(3, 2, [1], 5)).localContributes).toBe(true);
	});

	it('takes the deletion of the one that was left, also over its greater life', () => {
		expect(apply(born(2, 2, [2]), born(3, 2, [1], 5))).toEqual(born(4, 2, [1, 2]));
	});

	/** Items 1 to 4, each with its fields, or a deletion of it; and what else is known to be deleted. */
	const held = fc
		.record({
			item: fc.integer({ min: 1, max: 4 }),
			life: fc.integer({ min: 1, max: 6 }),
			others: fc.subarray([1, 2, 3, 4]),
			title: fc.integer({ min: 1, max: 9 }),
		})
		.map(({ item, life, others, title }) => {
			const buried = others.filter((each) => each !== item);
			// A state of a later life names what it has outlived.
			const least = buried.length > 0 ? life : isAlive(life) ? 1 : 2;
			return isAlive(least) ? born(least, item, buried, title) : born(least, item, [...buried, item].sort());
		});
	const canonical = (state: Held): Held => ({ ...state, buried: [...buriedIn(state)].sort() });

	it('is commutative wherever it is no conflict', () => {
		fc.assert(
			fc.property(held, held, (a, b) => {
				fc.pre(!isKeyConflict(a, b));
				expect(canonical(apply(a, b))).toEqual(canonical(apply(b, a)));
			}),
			{ numRuns: 2000 },
		);
	});

	it('is idempotent, and monotone in life and in what is deleted', () => {
		fc.assert(
			fc.property(held, held, (a, b) => {
				const once = apply(a, b);
				expect(canonical(apply(once, b))).toEqual(canonical(once));
				expect(canonical(apply(once, a))).toEqual(canonical(once));
				expect(once.life).toBeGreaterThanOrEqual(a.life);
				for (const each of buriedIn(a)) expect(buriedIn(once)).toContain(each);
				if (isAlive(once.life)) expect(buriedIn(once)).not.toContain(once.born);
			}),
			{ numRuns: 2000 },
		);
	});

	it('removes an item for its deletion alone', () => {
		fc.assert(
			fc.property(held, fc.array(held, { maxLength: 5 }), (start, told) => {
				const end = told.reduce(apply, start);
				fc.pre(isAlive(start.life));
				const isDeleted = told.some((each) => buriedIn(each).includes(start.born));
				if (!isDeleted) expect(end.born).toBe(start.born);
			}),
			{ numRuns: 2000 },
		);
	});

	it('makes nodes equal that tell each other long enough, once all items but one are deleted', () => {
		const told = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 30 });
		fc.assert(
			fc.property(fc.array(held, { minLength: 2, maxLength: 5 }), told, (starts, order) => {
				const nodes = [...starts];
				const tell = (from: number, to: number) => {
					const [sent, got] = [nodes[from], nodes[to]];
					if (sent && got) nodes[to] = apply(got, sent);
				};
				for (const [from, to] of order) tell(from, to);
				const alive = new Set(starts.filter(({ life }) => isAlive(life)).map((each) => each.born));
				const dead = new Set(starts.flatMap((each) => [...buriedIn(each)]));
				const left = [...alive].filter((each) => !dead.has(each));
				fc.pre(left.length <= 1);
				for (let round = 0; round < 4; round += 1) {
					for (const from of nodes.keys()) for (const to of nodes.keys()) tell(from, to);
				}
				for (const node of nodes) expect(canonical(node)).toEqual(canonical(nodes[0] as Held));
				expect(nodes[0]?.born && isAlive(nodes[0].life) ? [nodes[0].born] : []).toEqual(left);
			}),
			{ numRuns: 2000 },
		);
	});
});
