import { describe, expect, it } from 'vitest';
import { faster, limitsAt, paceAfter } from '../../src/push/pace.ts';

const LIMITS = { bytes: 1_000_000, changes: 1000 };

describe('the pace of a push', () => {
	it('is full without failures, and halves with each down to a thirty-second', () => {
		expect([0, 1, 2, 5, 6, 1000].map(paceAfter)).toEqual([1, 1 / 2, 1 / 4, 1 / 32, 1 / 32, 1 / 32]);
	});

	it('doubles up to the full one', () => {
		expect([1 / 32, 1 / 2, 1].map(faster)).toEqual([1 / 16, 1, 1]);
	});

	it('makes batches smaller, never so that nothing fits, and never larger than the remote takes', () => {
		expect(limitsAt(1, LIMITS)).toEqual(LIMITS);
		expect(limitsAt(1 / 2, LIMITS)).toEqual({ bytes: 500_000, changes: 250 });
		expect(limitsAt(1 / 32, LIMITS)).toEqual({ bytes: 32_768, changes: 15 });
		expect(limitsAt(1 / 32, { bytes: 10_000, changes: 3 })).toEqual({ bytes: 10_000, changes: 1 });
	});
});
