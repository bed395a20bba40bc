/**
 * The preflight: walks from the URL of a source to the last of its fields and says at each step whether it will work, and
 * what to do if not. Reads only, on both sides, so it may run at any time, several times at once, and for drafts.
 */

import type { Source } from '../sources/port.ts';
import { RemoteError } from '../wire/remote-error.ts';
import type { StepName } from './codes.ts';
import { createFacts, type Facts } from './facts.ts';
import type { CheckDeps } from './port.ts';
import { type CheckReport, type CheckStep, finding, hasFailed, judge, notTried, toReport } from './report.ts';
import { STEPS, type Step } from './steps.ts';

/** Never rejects because of the remote. */
export async function checkSource(ports: CheckDeps, source: Source): Promise<CheckReport> {
	const facts = createFacts(ports, source);
	/** What keeps others from being tried, each with the step that it goes back to. */
	const failed = new Map<StepName, StepName>();
	const steps: CheckStep[] = [];

	for (const row of STEPS) {
		const cause = row.needs.map((name) => failed.get(name)).find((each) => each !== undefined);
		const step = cause === undefined ? await carryOut(row, facts) : notTried(row.name, cause);
		if (hasFailed(step)) failed.set(row.name, cause ?? row.name);
		steps.push(step);
	}

	return toReport(source.id, steps, source.apiKey);
}

async function carryOut({ name, run }: Step, facts: Facts): Promise<CheckStep> {
	try {
		return await run(facts);
	} catch (error) {
		if (!(error instanceof RemoteError)) throw error;
		const message = `The remote does not answer what this step asks for. ${error.message}`;
		const hint = 'Install the same version of Data Sync on both instances, and look at the log of the remote.';
		return judge(name, [finding('error', 'unanswered', message, hint)]);
	}
}
