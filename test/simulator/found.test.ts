import { describe, expect, it } from 'vitest';
import { createPlan, type PlanOptions } from './create-plan.ts';
import { simulate } from './simulate.ts';

/** Runs that once failed, by what it was that they failed at. */
const FOUND: [what: string, seed: number, options: PlanOptions][] = [
	['a value that is set back while it is sent gets a new place in the feed', 260, { features: ['returns'] }],
	['a field that is listed where it is empty erases nothing', 10, { varied: true }],
	['sources to one remote are independent', 7, { features: ['sources'] }],
	['a source that lists nothing says nothing of what its remote has', 47, { features: ['sources'] }],
	['a promise is redeemed by others where the link has died that was to keep it', 12, { features: ['deaths'] }],
	['what a node had before the link died is told it all the same', 36, { features: ['deaths'] }],
];

describe('a run that once failed', () => {
	it.each(FOUND)('passes: %s (seed %i)', async (_, seed, options) => {
		expect((await simulate(createPlan(String(seed), options))).problems).toEqual([]);
	});
});
