import { describe, expect, it } from 'vitest';
import { afterFailure, afterSuccess, type EarlyTries, NO_TRIES, nextEarlyTry } from '../../src/engine/early-tries.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const NOW = 1_767_225_600_000;

/** A remote that the last attempt did not reach, at NOW. */
const unreached = afterFailure(NO_TRIES, NOW, false);

/** Makes each early try as it is due, until none is. */
function playSeries(from: EarlyTries, heardAt: number): { tries: EarlyTries; at: number[] } {
	const at: number[] = [];
	let tries = from;
	for (;;) {
		const next = nextEarlyTry(tries, heardAt);
		if (next === null) return { tries, at };
		at.push(next);
		tries = afterFailure(tries, next, true);
	}
}

describe('early tries', () => {
	it('are none while the node is silent', () => {
		expect(nextEarlyTry(NO_TRIES, null)).toBe(null);
		expect(nextEarlyTry(unreached, null)).toBe(null);
	});

	it('begin when the node contacts us, unless it was tried since', () => {
		expect(nextEarlyTry(unreached, NOW + 5)).toBe(NOW + 5);
		expect(nextEarlyTry(unreached, NOW)).toBe(NOW);
		expect(nextEarlyTry(unreached, NOW - 1)).toBe(null);
	});

	it('are a short series, and no more of what has been heard', () => {
		const { at } = playSeries(unreached, NOW + SECOND);
		expect(at.map((time) => time - NOW - SECOND)).toEqual([0, 2 * SECOND, 10 * SECOND, 60 * SECOND]);
	});

	it('begin a new series five minutes after the last one began, not before', () => {
		const { tries } = playSeries(unreached, NOW + SECOND);
		const start = NOW + SECOND;
		expect(nextEarlyTry(tries, start + 2 * MINUTE)).toBe(start + 5 * MINUTE);
		expect(nextEarlyTry(tries, start + 8 * MINUTE)).toBe(start + 8 * MINUTE);
	});

	it('that are due by another attempt are not made once more', () => {
		const begun = afterFailure(unreached, NOW + SECOND, true);
		const tried = afterFailure(begun, NOW + 5 * SECOND, false);
		expect(nextEarlyTry(tried, NOW + SECOND)).toBe(NOW + 11 * SECOND);
	});

	it('do not begin by an attempt that was due anyway', () => {
		expect(nextEarlyTry(afterFailure(unreached, NOW + MINUTE, false), NOW + SECOND)).toBe(null);
	});

	it('are over once the remote is reached; what is heard later begins them at once', () => {
		const { tries } = playSeries(unreached, NOW + SECOND);
		const reached = afterSuccess(tries.last);
		expect(nextEarlyTry(reached, NOW + SECOND)).toBe(null);
		const lost = afterFailure(reached, NOW + 2 * MINUTE, false);
		expect(nextEarlyTry(tries, NOW + 3 * MINUTE)).toBeGreaterThan(NOW + 3 * MINUTE);
		expect(nextEarlyTry(lost, NOW + 3 * MINUTE)).toBe(NOW + 3 * MINUTE);
	});
});
