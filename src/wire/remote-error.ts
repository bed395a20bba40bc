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
