/** Who may use which route. Writing with another user's rights is what made loops in the predecessor. */
import { ForbiddenError, InvalidCredentialsError } from '@directus/errors';
import type { Accountability } from '@directus/types';
import type { Request } from 'express';
import { USER_ID } from '../../schema.ts';
import { type DataSync, dataSync } from '../start.ts';
import { NotRunningError, ReceiverIsAdmin } from './route-errors.ts';

const accountabilityOf = (request: Request): Accountability => {
	const { accountability } = request as Request & { accountability?: Accountability };
	if (!accountability?.user) throw new InvalidCredentialsError();
	return accountability;
};

export const isReceiver = (accountability: Accountability): boolean => accountability.user === USER_ID;

/** The Data Sync user alone; admins are refused as well. */
export function authoriseReceiver(request: Request): Accountability {
	const accountability = accountabilityOf(request);
	if (isReceiver(accountability) && accountability.admin) throw new ReceiverIsAdmin();
	if (isReceiver(accountability)) return accountability;
	throw new ForbiddenError({ reason: 'Only the user "Data Sync Directus" may send changes: use its static token' });
}

/** The Data Sync user and admins. */
export function authoriseInfo(request: Request): Accountability {
	const accountability = accountabilityOf(request);
	if (isReceiver(accountability) || accountability.admin) return accountability;
	throw new ForbiddenError({ reason: 'Only the user "Data Sync Directus" and admins may ask for this' });
}

/** Admins alone. */
export function authoriseAdmin(request: Request): Accountability {
	const accountability = accountabilityOf(request);
	if (accountability.admin) return accountability;
	throw new ForbiddenError({ reason: 'Only admins may check a remote source' });
}

/** Anybody signed in; what they may see is decided by their permissions. */
export const authoriseReader = accountabilityOf;

/** Data Sync itself, or a 503 that makes senders wait. */
export function running(): DataSync {
	const found = dataSync();
	if (!found) throw new NotRunningError();
	return found;
}
