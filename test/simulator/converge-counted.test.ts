import { describe, expect, it } from 'vitest';
import { playSeeds, RUNS, TIMEOUT } from './play.ts';

const PART = Math.ceil(RUNS / 4);

describe('nodes that give one key to several items, until people delete all but one', () => {
	it.each([
		['while everything breaks', {}],
		['sharing different fields', { varied: true }],
		['put back to old backups', { restores: true }],
	])(
		`become equal, keep what nobody deleted and fall silent, %s (${PART} runs)`,
		async (_, options) => {
			const total = await playSeeds({ ...options, collides: true }, PART);
			expect(total.runs).toBe(PART);
			expect(total.commits).toBeGreaterThan(PART);
			expect(total.keyConflicts).toBeGreaterThan(PART / 10);
		},
		TIMEOUT,
	);
});
