/** Plays many seeds, and tells of a failing one what it takes to fail. */
import { createPlan, type PlanOptions } from './create-plan.ts';
import { explain } from './explain.ts';
import { simulate } from './simulate.ts';

/** How many runs each test makes, and from which seed on; `npm test` always plays the same ones. */
export const RUNS = Number(process.env.SIMULATIONS ?? 1000);
const FIRST = Number(process.env.SIMULATION_SEED ?? 1);

/** Far more than the runs need, on a busy machine. Milliseconds. */
export const TIMEOUT = 60_000 + RUNS * 250;

export type Total = { runs: number; commits: number; batches: number; events: number; keyConflicts: number };

/** Rejects with the first seed that fails, cut down to few events. */
export async function playSeeds(options: PlanOptions = {}, runs = RUNS): Promise<Total> {
	const total = { runs: 0, commits: 0, batches: 0, events: 0, keyConflicts: 0 };

	for (let seed = FIRST; seed < FIRST + runs; seed += 1) {
		const plan = createPlan(String(seed), options);
		const outcome = await simulate(plan);
		if (outcome.problems.length > 0) throw new Error(await explain(plan, outcome.problems));
		total.runs += 1;
		total.commits += outcome.commits;
		total.batches += outcome.batches;
		total.events += outcome.events;
		total.keyConflicts += outcome.keyConflicts;
	}

	return total;
}
