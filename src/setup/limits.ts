/** What a plan limit of Directus has kept us from, in words for the log and for the admins. */
import { ErrorCode, isDirectusError } from '@directus/errors';

export type Notice = { subject: string; message: string };

export const isLimitExceeded = (error: unknown): boolean => isDirectusError(error, ErrorCode.LimitExceeded);

/** Flows that exist, but had to be created inactive. */
export function inactiveFlowsNotice(names: readonly string[]): Notice {
	return {
		subject: 'Data Sync: a Flow needs to be activated',
		message:
			`The plan of this Directus allows no more active Flows, so setup has created inactive: ${names.join(', ')}. ` +
			'Deactivate a Flow you can do without, then activate ours under Settings > Flows. Until then changes are ' +
			'remembered, but not sent by it.',
	};
}

/** What could not be created at all. */
export function limitedNotice(names: readonly string[]): Notice {
	return {
		subject: 'Data Sync: setup is incomplete',
		message:
			`The plan of this Directus allows no more, so setup could not create: ${names.join(', ')}. ` +
			'Nothing syncs until it exists. Make room (Settings > Data Model or Users) or raise the plan, then restart Directus.',
	};
}
