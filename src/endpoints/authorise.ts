/** Who may use which route. Writing with another user's rights is what made loops in the predecessor. */
import { ForbiddenError, InvalidCredentialsError } from '@directus/errors';
import type { Accountability, ApiExtensionContext } from '@directus/types';
import type { Request } from 'express';
import { holdsPolicy, refreshPushers } from '../directus/pushers.ts';
import { type DataSync, dataSync } from '../start.ts';
import { NotRunningError, ReceiverIsAdmin } from './route-errors.ts';

type Context = Pick<ApiExtensionContext, 'database'>;

const accountabilityOf = (request: Request): Accountability => {
	const { accountability } = request as Request & { accountability?: Accountability };
	if (!accountability?.user) throw new InvalidCredentialsError();
	return accountability;
};

async function isReceiver({ database }: Context, { user }: Accountability): Promise<boolean> {
	await refreshPushers(database);
	return holdsPolicy(user);
}

/** Holders of the policy "Data Sync" alone; admins are refused as well. */
export async function authoriseReceiver(context: Context, request: Request): Promise<Accountability> {
	const accountability = accountabilityOf(request);
	if (!(await isReceiver(context, accountability))) {
		throw new ForbiddenError({
			reason:
				'Only a user with the policy "Data Sync", such as "Data Sync Directus", may send changes: use its static token',
		});
	}
	if (accountability.admin) throw new ReceiverIsAdmin();
	return accountability;
}

/** Holders of the policy "Data Sync" and admins; which of them, `receiver` says. */
export async function authoriseInfo(context: Context, request: Request): Promise<{ receiver: boolean }> {
	const accountability = accountabilityOf(request);
	const receiver = await isReceiver(context, accountability);
	if (receiver || accountability.admin) return { receiver };
	throw new ForbiddenError({ reason: 'Only users with the policy "Data Sync" and admins may ask for this' });
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
