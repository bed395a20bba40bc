import { describe, expect, it } from 'vitest';
import { playSeeds, RUNS, TIMEOUT } from './play.ts';

describe('nodes that share different fields with each other, and have items from before the install', () => {
	it(
		`become equal in what they share, lose nothing and fall silent, whatever happens meanwhile (${RUNS} runs)`,
		async () => {
			const total = await playSeeds({ varied: true });
			expect(total.runs).toBe(RUNS);
		},
		TIMEOUT,
	);
});
