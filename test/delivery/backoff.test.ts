import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff, LONGEST } from '../../src/delivery/backoff.ts';

const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

describe('backoff', () => {
	it('doubles, with jitter on its upper half', () => {
		expect([1, 2, 3, 4].map((attempts) => backoff(attempts, 0))).toEqual([500, 1000, 2000, 4000]);
		expect([1, 2, 3, 4].map((attempts) => backoff(attempts, 0.5))).toEqual([750, 1500, 3000, 6000]);
	});

	it('stays between half a second and a quarter of an hour, for ever', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 100_000 }), random, (attempts, chance) => {
				const wait = backoff(attempts, chance);
				expect(wait).toBeGreaterThanOrEqual(500);
				expect(wait).toBeLessThanOrEqual(LONGEST);
			}),
		);
		expect(LONGEST).toBe(15 * 60 * 1000);
		expect(backoff(10_000, 0.999)).toBeGreaterThan(LONGEST * 0.99);
	});

	it('is never shorter than what the remote asked for, up to the cap', () => {
		expect(backoff(1, 0, 30_000)).toBe(30_000);
		expect(backoff(20, 0, 30_000)).toBe(LONGEST / 2);
		expect(backoff(1, 0, 24 * 60 * 60 * 1000)).toBe(LONGEST);
		expect(backoff(1, 0, 0)).toBe(500);
	});
});
