/** What to tell of a run that fails: the least it takes to fail, and how to play that again. */
import { describePlan } from './describe-plan.ts';
import { minimise } from './minimise.ts';
import type { Plan } from './plan.ts';
import { encodePlan } from './plan-code.ts';
import { simulate } from './simulate.ts';
import type { WorldOptions } from './world.ts';

/** How many of the problems are told; the others mostly follow from them. */
const MOST = 5;

/** @param problems what the run has shown */
export async function explain(plan: Plan, problems: string[], options?: WorldOptions): Promise<string> {
	const problemsOf = async (each: Plan) => (await simulate(each, options)).problems;
	const kinds = new Set(problems.map(kindOf));
	const fails = async (each: Plan) => (await problemsOf(each)).some((problem) => kinds.has(kindOf(problem)));
	const smallest = await minimise(plan, fails);
	return [
		`Seed ${plan.seed} fails:`,
		...problems.slice(0, MOST).map((problem) => `=> ${problem}`),
		'In short:',
		describePlan(smallest),
		...(await problemsOf(smallest)).slice(0, MOST).map((problem) => `=> ${problem}`),
		'To play this again, step by step:',
		`npm run replay -- ${encodePlan(smallest)}`,
	].join('\n');
}

/** The sentence without its names and numbers, so that cutting down does not end at another fault. */
const kindOf = (problem: string): string => problem.replaceAll(/"[^"]*"|\b\w*\d\w*\b/g, '').slice(0, 80);
