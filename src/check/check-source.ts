/**
 * The preflight: walks from the URL of a source to the last of its fields and says at each step whether it will work, and
 * what to do if not. Reads only, on both sides, so it may run at any time, several times at once, and for drafts.
 */

import { isSyncableCollection } from '../content/syncable.ts';
import type { Source } from '../sources/port.ts';
import type { NodeInfo } from '../wire/info.ts';
import { RemoteError } from '../wire/remote-error.ts';
import type { NodeShape, ShapeRequest } from '../wire/shapes.ts';
import { collectionsStep } from './collections-step.ts';
import { connectionFault, connectionSteps, type Fault, firstError, urlFault } from './connection-steps.ts';
import { fieldsStep } from './fields-step.ts';
import { keysStep } from './keys-step.ts';
import { findFilterFaults, listingStep } from './listing-step.ts';
import { clockStep, identityStep, versionsStep } from './node-steps.ts';
import { findLargest, payloadStep } from './payload-step.ts';
import { permissionsStep } from './permissions-step.ts';
import { planStep } from './plan-step.ts';
import type { CheckDeps, Meeting } from './port.ts';
import { referencesStep } from './references-step.ts';
import { type CheckReport, type CheckStep, judge, notTried, STEPS, type StepName, toReport } from './report.ts';

/** Never rejects because of the remote. */
export async function checkSource(ports: CheckDeps, source: Source): Promise<CheckReport> {
	const found = urlFault(source);
	const meeting = found ? null : await ports.remote.meet(source);
	const own = await ports.own.shapes(requestsFor(source));
	const steps = [
		...(await connect(ports, source, found, meeting)),
		listingStep(source, own, await findFilterFaults(ports.items, source.listing)),
	];

	const blocker = firstError(steps.filter((step) => BLOCKING.has(step.step)));
	if (blocker === null && meeting?.outcome === 'met') {
		steps.push(...(await compare(ports, source, meeting.info, own)));
	}
	return toReport(source.id, inOrder(steps, blocker), source.apiKey);
}

/** Without these there is nothing to ask the remote for. */
const BLOCKING: ReadonlySet<StepName> = new Set([
	'url',
	'reachable',
	'tls',
	'redirects',
	'extension',
	'key',
	'user',
	'versions',
	'identity',
]);

async function connect(
	{ own }: CheckDeps,
	source: Source,
	urlProblem: Fault | null,
	meeting: Meeting | null,
): Promise<CheckStep[]> {
	const steps = connectionSteps(source, urlProblem ?? (meeting && connectionFault(source, meeting)));
	if (firstError(steps) || meeting === null || meeting.outcome === 'failed') return steps;
	steps.push(versionsStep({ version: own.version, directus: await own.directus() }, meeting));
	if (meeting.outcome === 'met') steps.push(clockStep(meeting), identityStep(own.node, meeting.info));
	return steps;
}

/** The steps that compare both sides. A remote that stops answering on the way ends them with an error. */
async function compare(
	ports: CheckDeps,
	source: Source,
	info: NodeInfo,
	own: ReadonlyMap<string, NodeShape>,
): Promise<CheckStep[]> {
	const { listing } = source;
	const unlisted = source.expansion?.unlisted ?? [];
	const plan = (remote: ReadonlyMap<string, NodeShape>) =>
		ports.own.flows().then((flows) => planStep(flows, own, remote));
	const local = [payloadStep(info.limits.payload, await findLargest(ports.items, listing))];
	const targets = new Set(unlisted.flatMap(({ to }) => to).filter((target) => isSyncableCollection(target)));

	try {
		const asked = [...requestsFor(source), ...[...targets].map((collection) => ({ collection, fields: [] }))];
		const remote = await ports.remote.shapes(source, asked, info.limits.payload);
		const listed = new Map([...remote].filter(([collection]) => listing.has(collection)));
		return [
			collectionsStep(listing, own, listed),
			fieldsStep(listing, own, listed),
			await permissions(ports, source, listed),
			...local,
			keysStep(listing, own, listed),
			referencesStep(listing, unlisted, remote),
			await plan(listed),
		];
	} catch (error) {
		return [unanswered('collections', error), ...local, await plan(new Map())];
	}
}

async function permissions(
	{ remote }: CheckDeps,
	source: Source,
	shapes: ReadonlyMap<string, NodeShape>,
): Promise<CheckStep> {
	try {
		return permissionsStep(source.listing, shapes, await remote.permissions(source));
	} catch (error) {
		return unanswered('permissions', error);
	}
}

function unanswered(step: StepName, error: unknown): CheckStep {
	if (!(error instanceof RemoteError)) throw error;
	const hint = 'Install the same version of Data Sync on both instances, and look at the log of the remote.';
	const message = `The remote does not answer what this step asks for. ${error.message}`;
	return judge(step, [{ status: 'error', code: 'unanswered', message, hint }], '');
}

const requestsFor = ({ listing }: Source): ShapeRequest[] =>
	[...listing.values()].map(({ collection, fields }) => ({ collection, fields }));

/** Every step once, in order; those nobody came to are marked so. */
function inOrder(steps: readonly CheckStep[], blocker: StepName | null): CheckStep[] {
	const found = new Map(steps.map((step) => [step.step, step]));
	return STEPS.map((step) => found.get(step) ?? notTried(step, blocker ?? firstError(steps) ?? 'collections'));
}
