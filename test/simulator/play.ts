/** Plays many seeds, and tells of a failing one what it takes to fail. */
import { createPlan, type PlanOptions } from './create-plan.ts';
import { describePlan } from './describe-plan.ts';
import { minimise } from './minimise.ts';
import type { Plan } from './plan.ts';
import { simulate } from './simulate.ts';

/** How many runs each test makes, and from which seed on; `npm test` always plays the same ones. */
export const RUNS = Number(process.env.SIMULATIONS ?? 1000);
const FIRST = Number(process.env.SIMULATION_SEED ?? 1);

/** Far more than the runs need, on a busy machine. Milliseconds. */
export const TIMEOUT = 60_000 + RUNS * 250;

export type Total = { runs: number; commits: number; batches: number; events: number };

/** Rejects with the first seed that fails, cut down to few events. */
export async function playSeeds(options: PlanOptions = {}): Promise<Total> {
	const total = { runs: 0, commits: 0, batches: 0, events: 0 };

	for (let seed = FIRST; seed < FIRST + RUNS; seed += 1) {
		const plan = createPlan(String(seed), options);
		const outcome = await simulate(plan);
		if (outcome.problems.length > 0) throw new Error(await explain(plan));
		total.runs += 1;
		total.commits += outcome.commits;
		total.batches += outcome.batches;
		total.events += outcome.events;
	}

	return total;
}

async function explain(plan: Plan): Promise<string> {
	const problemsOf = async (each: Plan) => (await simulate(each)).problems;
	const smallest = await minimise(plan, async (each) => (await problemsOf(each)).length > 0);
	const problems = await problemsOf(smallest);
	return [
		`Seed ${plan.seed} fails; SIMULATION_SEED=${plan.seed} SIMULATIONS=1 plays it again. In short:`,
		describePlan(smallest),
		...problems.slice(0, 5).map((problem) => `=> ${problem}`),
	].join('\n');
}
