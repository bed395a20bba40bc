/** What is wrong with a remote, or with how it is entered here. */
export type RemoteErrorKind =
	/** Nobody answers at the address, or the connection breaks. */
	| 'unreachable'
	/** The API key is refused, or belongs to another user than the Data Sync user. */
	| 'unauthorised'
	/** It asks to wait (HTTP 429 or 503). */
	| 'overloaded'
	/** The request is larger than it takes. */
	| 'too_large'
	/** Its memory of the link differs from ours: one of the two databases was put back to an older state. */
	| 'out_of_step'
	/** What answers is no Data Sync, or one that we do not understand. */
	| 'incompatible'
	/** A setting has to be corrected, here or there: an address, a deny list, a clock, a limit. */
	| 'misconfigured'
	/** It fails, or we do. */
	| 'internal';

export type RemoteErrorDetail = {
	/** Of HTTP; absent when nobody has answered. */
	readonly status?: number | undefined;
	/** Of Directus (FORBIDDEN) or Node.js (ECONNREFUSED), or ours: REDIRECT, DENIED_ADDRESS. */
	readonly code?: string | undefined;
};

/**
 * A remote could not be asked, or refused the whole request. Every kind is retried for ever; the kind decides what the
 * users are told.
 */
export class RemoteError extends Error {
	override name = 'RemoteError';

	constructor(
		readonly kind: RemoteErrorKind,
		message: string,
		/** Milliseconds that the remote has asked us to wait. */
		readonly retryAfter: number | null = null,
		readonly detail: RemoteErrorDetail = {},
	) {
		super(message);
	}
}

/**
 * It works, but has too much to do: it says when to come back, or is a Directus that says so in its own words. A bare 503 comes
 * from what stands before it, and means that it is down.
 */
export const isBusyRemote = ({ kind, retryAfter, detail }: RemoteError): boolean =>
	kind === 'overloaded' && (detail.status !== 503 || retryAfter !== null || detail.code !== undefined);

/** Nobody has answered for the remote, or what stands before it says that nobody does: it is down, or cut off. */
export const isUnanswered = (error: RemoteError): boolean =>
	error.kind === 'unreachable' ||
	([502, 503, 504].includes(error.detail.status ?? 0) && error.retryAfter === null && !isBusyRemote(error));
