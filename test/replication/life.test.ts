import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAlive, isBelievable, LIFE_JUMP, MOST_LIFE, observe, UNBORN } from '../../src/replication/life.ts';

describe('life', () => {
	it('is odd while the item lives', () => {
		expect([UNBORN, 1, 2, 3, 4].map(isAlive)).toEqual([false, true, false, true, false]);
	});

	it.each([
		[0, true, 1],
		[0, false, 2],
		[1, true, 1],
		[1, false, 2],
		[2, true, 3],
		[2, false, 2],
		[3, false, 4],
		[4, true, 5],
	])('turns %i into the next that fits: exists %s, life %i', (life, exists, after) => {
		expect(observe(life, exists)).toBe(after);
	});

	it('never falls, and agrees with what was seen', () => {
		fc.assert(
			fc.property(fc.array(fc.boolean()), (sightings) => {
				let life = UNBORN;
				for (const exists of sightings) {
					const after = observe(life, exists);
					expect(after).toBeGreaterThanOrEqual(life);
					expect(isAlive(after)).toBe(exists);
					life = after;
				}
			}),
		);
	});

	it('lets a deletion win over every edit of the life it ended, and a re-creation over the deletion', () => {
		const deleted = observe(1, false);
		expect(deleted > 1).toBe(true);
		expect(observe(deleted, true) > deleted).toBe(true);
	});
});

describe('the life of an item', () => {
	it.each([
		[2 ** 31 - 1, false, 2 ** 31 - 2],
		[2 ** 31 - 1, true, 2 ** 31 - 1],
		[2 ** 31 - 2, true, 2 ** 31 - 1],
	])('of %s, where it is seen to exist: %s, is %s: never more than a database can keep', (life, exists, expected) => {
		expect(observe(life, exists)).toBe(expected);
	});

	it('that is past all that a database can keep comes back to it', () => {
		expect(observe(2 ** 31, true)).toBe(2 ** 31 - 3);
		expect(observe(2 ** 31 + 1, false)).toBe(2 ** 31 - 2);
	});

	it('is believed up to a limit, and no further than a limit above the known one, both included', () => {
		expect(isBelievable(MOST_LIFE, MOST_LIFE)).toBe(true);
		expect(isBelievable(MOST_LIFE + 1, MOST_LIFE)).toBe(false);
		expect(isBelievable(LIFE_JUMP + 5, 5)).toBe(true);
		expect(isBelievable(LIFE_JUMP + 6, 5)).toBe(false);
	});
});
