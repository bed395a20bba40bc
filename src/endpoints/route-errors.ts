/** Errors of the endpoint that Directus has no class for. All of them tell the sender to try again. */
import { createError } from '@directus/errors';

export const NotRunningError = createError(
	'SERVICE_UNAVAILABLE',
	'Data Sync has not started on this instance: its tables are missing. Its log says why',
	503,
);

export const OutOfStep = createError<{ message: string }>('OUT_OF_STEP', ({ message }) => message, 409);

export const NotAskedForError = createError(
	'NOT_ASKED_FOR',
	'This instance has not asked for these bytes: send the change of the file first',
	409,
);

export const BusyError = createError(
	'SERVICE_UNAVAILABLE',
	'The items are being edited here just now. They are to be sent again in a moment',
	503,
);

/** Why no batch is taken at the moment. */
export const QueueFull = createError(
	'SERVICE_UNAVAILABLE',
	'Other batches are being applied here, and as many as may wait do so. It is to be sent again in a moment',
	503,
);

export const ClockAhead = createError<{ message: string }>('CLOCK_AHEAD', ({ message }) => message, 409);

export const ReceiverIsAdmin = createError(
	'RECEIVER_IS_ADMIN',
	'The user whose token this is has admin access, and so every remote that has the token would have it as well. Take from it each role and policy with admin access; the policy "Data Sync" decides what remotes may do',
	403,
);
