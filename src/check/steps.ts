/**
 * The steps of the check in the order in which they are told, each with the steps that it builds on. What they ask and find
 * is listed in codes.ts.
 */

import { RemoteError } from '../wire/remote-error.ts';
import type { StepName } from './codes.ts';
import { collectionsStep } from './collections-step.ts';
import { type ConnectionStep, connectionStep, urlStep } from './connection-steps.ts';
import type { Facts, Shapes } from './facts.ts';
import { fieldsStep } from './fields-step.ts';
import { keysStep } from './keys-step.ts';
import { findFilterFaults, listingStep } from './listing-step.ts';
import { clockStep, identityStep, versionsStep } from './node-steps.ts';
import { findLargest, payloadStep } from './payload-step.ts';
import { permissionsStep } from './permissions-step.ts';
import { planStep } from './plan-step.ts';
import { referencesStep } from './references-step.ts';
import type { CheckStep } from './report.ts';

export type Step = {
	name: StepName;
	/** Steps above this one: it is tried only when none of them has failed. */
	needs: readonly StepName[];
	/** Rejects with a RemoteError when the remote does not answer what the step asks for. */
	run(facts: Facts): CheckStep | Promise<CheckStep>;
};

export const STEPS: readonly Step[] = [
	{ name: 'url', needs: [], run: ({ source }) => urlStep(source) },
	{ name: 'reachable', needs: ['url'], run: connecting('reachable') },
	{ name: 'tls', needs: ['reachable'], run: connecting('tls') },
	{ name: 'redirects', needs: ['tls'], run: connecting('redirects') },
	{ name: 'extension', needs: ['redirects'], run: connecting('extension') },
	{ name: 'key', needs: ['extension'], run: connecting('key') },
	{ name: 'user', needs: ['key'], run: connecting('user') },
	{
		name: 'versions',
		needs: ['user'],
		run: async ({ own, introduction }) =>
			versionsStep({ version: own.version, directus: await own.directus() }, await introduction()),
	},
	{ name: 'clock', needs: ['versions'], run: async ({ met }) => clockStep(await met()) },
	{ name: 'identity', needs: ['versions'], run: async ({ own, met }) => identityStep(own.node, (await met()).info) },
	{
		name: 'listing',
		needs: [],
		run: async ({ source, items, shapesHere }) =>
			listingStep(source, await shapesHere(), await findFilterFaults(items, source.listing)),
	},
	{
		name: 'collections',
		needs: ['identity'],
		run: async ({ source, shapesHere, shapesThere }) =>
			collectionsStep(source.listing, await shapesHere(), await shapesThere()),
	},
	{
		name: 'fields',
		needs: ['collections'],
		run: async ({ source, shapesHere, shapesThere }) =>
			fieldsStep(source.listing, await shapesHere(), await shapesThere()),
	},
	{
		name: 'permissions',
		needs: ['collections'],
		run: async ({ source, shapesThere, permissionsThere }) =>
			permissionsStep(source.listing, await shapesThere(), await permissionsThere()),
	},
	{
		name: 'payload',
		needs: ['identity'],
		run: async ({ source, items, met }) =>
			payloadStep((await met()).info.limits.payload, await findLargest(items, source.listing)),
	},
	{
		name: 'keys',
		needs: ['collections'],
		run: async ({ source, shapesHere, shapesThere }) =>
			keysStep(source.listing, await shapesHere(), await shapesThere()),
	},
	{
		name: 'references',
		needs: ['collections'],
		run: async ({ source, shapesThere }) =>
			referencesStep(source.listing, source.expansion?.unlisted ?? [], await shapesThere()),
	},
	{
		name: 'plan',
		needs: ['identity'],
		run: async (facts) => planStep(await facts.own.flows(), await facts.shapesHere(), await listedThere(facts)),
	},
];

function connecting(name: ConnectionStep): Step['run'] {
	return async ({ source, meeting }) => connectionStep(name, source, await meeting());
}

/** None where the remote does not tell, which is the business of the step "collections". */
async function listedThere({ source, shapesThere }: Facts): Promise<Shapes> {
	try {
		return new Map([...(await shapesThere())].filter(([collection]) => source.listing.has(collection)));
	} catch (error) {
		if (error instanceof RemoteError) return new Map();
		throw error;
	}
}
