import { describe, expect, it } from 'vitest';
import { playSeeds, RUNS, TIMEOUT } from './play.ts';

describe('nodes that share all they have', () => {
	it(
		`become equal, lose nothing and fall silent, whatever happens meanwhile (${RUNS} runs)`,
		async () => {
			const total = await playSeeds();
			expect(total.runs).toBe(RUNS);
			expect(total.commits).toBeGreaterThan(RUNS);
			expect(total.batches).toBeGreaterThan(RUNS);
		},
		TIMEOUT,
	);
});
