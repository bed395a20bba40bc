import { describe, expect, it } from 'vitest';
import { playSeeds, RUNS, TIMEOUT } from './play.ts';

/** They take twice as long as others, and half of them are of the kind in which nodes share different fields. */
const HALF = Math.ceil(RUNS / 4);

describe('nodes some of which are put back to old backups', () => {
	it.each([false, true])(
		`become equal, lose only what nobody else had heard of, and fall silent (${HALF} runs, varied: %s)`,
		async (varied) => {
			const total = await playSeeds({ restores: true, varied }, HALF);
			expect(total.runs).toBe(HALF);
		},
		TIMEOUT,
	);
});
