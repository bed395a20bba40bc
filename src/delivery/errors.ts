/** What can go wrong between nodes, a class per failure, each with the likely cause in its message. */
import type { ResultCode } from '../replication/result.ts';

/** What exactly it was: the HTTP status, and a code of Directus (FORBIDDEN), of Node.js (ECONNREFUSED) or ours (REDIRECT). */
export type RemoteErrorDetail = { readonly status?: number | undefined; readonly code?: string | undefined };

/**
 * A remote could not be asked, or refused the whole request. Every kind is retried for ever; the kind decides what the
 * users are told.
 */
export class RemoteError extends Error {
	override name = 'RemoteError';

	constructor(
		readonly kind:
			| 'unreachable'
			| 'unauthorised'
			| 'overloaded'
			| 'too_large'
			| 'out_of_step'
			| 'incompatible'
			| 'misconfigured'
			| 'internal',
		message: string,
		/** Milliseconds the remote asked us to wait. */
		readonly retryAfter: number | null = null,
		readonly detail: RemoteErrorDetail = {},
	) {
		super(message);
	}
}

/** Nobody has answered for the remote, or what stands before it says that nobody does: it is down, or cut off. */
export const isUnanswered = ({ kind, retryAfter, detail }: RemoteError): boolean =>
	kind === 'unreachable' || ([502, 503, 504].includes(detail.status ?? 0) && retryAfter === null);

/** One item can't be written here. */
export class Refusal extends Error {
	override name = 'Refusal';

	constructor(
		readonly outcome: 'pending' | 'failed' | 'wanted',
		readonly code: ResultCode,
		message: string,
	) {
		super(message);
	}
}

/** Something has changed that could not be locked; the transaction is to be done again, and again later by the sender. */
export class StaleError extends Error {
	override name = 'StaleError';

	constructor() {
		super('An item has become known while a batch with it was applied.');
	}
}

/** The sender's memory of this link and ours differ: one of the two databases was put back to an older state. */
export class OutOfStepError extends Error {
	override name = 'OutOfStepError';

	constructor() {
		super('The sender and this instance no longer agree on what was sent last; the sender starts over.');
	}
}

/** A stamp lies too far in the future to be believed. Retryable: one of the two clocks will be set right. */
export class ClockAheadError extends Error {
	override name = 'ClockAheadError';

	constructor(readonly ahead: number) {
		super(
			`The sender's clock is ${Math.round(ahead / 1000)} seconds ahead of this instance's. Set both clocks (NTP). The sender tries again by itself; what it has written under a time ahead is taken when that time has come.`,
		);
	}
}
