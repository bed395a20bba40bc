import { describe, expect, it } from 'vitest';
import { playSeeds, RUNS, TIMEOUT } from './play.ts';

describe('nodes some of which are put back to old backups', () => {
	it(
		`become equal, lose only what nobody else had heard of, and fall silent (${RUNS} runs)`,
		async () => {
			const total = await playSeeds({ restores: true });
			expect(total.runs).toBe(RUNS);
		},
		TIMEOUT,
	);
});
