/**
 * What the operation rejects with. Directus hands an error on to the Flow's next operation as data, where the message
 * of a plain Error is lost; the extensions of Directus' own errors are not.
 */
import { createError } from '@directus/errors';

type Reason = { reason: string };

/** The operation's configuration is wrong. `reason` is one sentence for whoever built the Flow. */
export const OptionsError = createError<Reason>('INVALID_OPTIONS', ({ reason }) => reason, 400);

/** Whoever runs the Flow may not have that sent. */
export const NotPermittedError = createError<Reason>('FORBIDDEN', ({ reason }) => reason, 403);

export const NotStartedError = createError(
	'SERVICE_UNAVAILABLE',
	'Sync to remotes: Data Sync has not started on this instance, its tables are missing. See the log.',
	503,
);
