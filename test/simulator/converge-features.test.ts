import { describe, expect, it } from 'vitest';
import type { Feature } from './plan.ts';
import { playSeeds, RUNS, TIMEOUT } from './play.ts';

const PART = Math.ceil(RUNS / 50);

const PROFILES: [name: string, features: Feature[]][] = [
	['whose values are set back while they are on their way', ['returns']],
	['whose listings grow and shrink over items that they know', ['listings']],
	['with several sources to one remote', ['sources']],
	['some of whose links die, and are given up', ['deaths']],
	['some of which lack fields and collections that others have', ['models']],
	['whose databases delete or empty along what refers to deleted items', ['cascades']],
	['that forget deletions as days pass', ['cleaning']],
];

describe('nodes', () => {
	it.each(PROFILES)(
		`%s tell all they list, lose nothing, fall silent and never claim more (${PART} runs)`,
		async (_, features) => {
			const total = await playSeeds({ features }, PART);
			expect(total.runs).toBe(PART);
			expect(total.commits).toBeGreaterThan(PART);
		},
		TIMEOUT,
	);
});
