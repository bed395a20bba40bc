/**
 * `npm run replay -- <code>`: plays a plan that a failing test has printed, step by step. A seed does as well, and
 * `varied <seed>` for the runs in which nodes share different fields.
 */
import { createPlan } from './create-plan.ts';
import { describePlan } from './describe-plan.ts';
import { decodePlan } from './plan-code.ts';
import { simulate } from './simulate.ts';

const words = process.argv.slice(2);
const last = words.at(-1) ?? '';

if (last === '') {
	console.error('Say what to play: the code that a failing test has printed, or a seed.');
	process.exit(2);
}

const plan = /^\d+$/.test(last) ? createPlan(last, { varied: words.includes('varied') }) : decodePlan(last);
console.log(describePlan(plan));
const { problems } = await simulate(plan, { trace: (line) => console.log(line) });
for (const problem of problems) console.log(`=> ${problem}`);
console.log(problems.length === 0 ? 'Nothing goes wrong.' : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
