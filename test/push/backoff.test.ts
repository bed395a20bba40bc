import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff, busyBackoff, LONGEST, refusedBackoff } from '../../src/push/backoff.ts';

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

describe('backoff of a remote that is busy', () => {
	it('is seconds, however often it asks to wait', () => {
		expect([1, 2, 3, 4, 5, 6, 100_000].map((attempts) => busyBackoff(attempts, 0))).toEqual([
			1000, 2000, 4000, 8000, 15_000, 15_000, 15_000,
		]);
		expect(busyBackoff(100_000, 1)).toBe(30_000);
	});

	it('is never shorter than what the remote asked for, up to the cap', () => {
		expect(busyBackoff(1, 0, 45_000)).toBe(45_000);
		expect(busyBackoff(1, 0, 24 * 60 * 60 * 1000)).toBe(LONGEST);
	});
});

describe('backoff after a refusal', () => {
	it('starts at about an hour, doubles, and ends at about a day', () => {
		const hours = (attempts: number, chance: number) => refusedBackoff(attempts, chance) / 3_600_000;
		expect([1, 2, 3, 4, 5, 6, 1000].map((attempts) => hours(attempts, 0))).toEqual([0.75, 1.5, 3, 6, 12, 18, 18]);
		expect([1, 2, 3, 4, 5, 6, 1000].map((attempts) => hours(attempts, 1))).toEqual([1, 2, 4, 8, 16, 24, 24]);
	});
});
