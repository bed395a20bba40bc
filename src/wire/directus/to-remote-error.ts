/** Turns whatever a request to a remote failed with into a RemoteError that says what to do. */

import type { Remote } from '../port.ts';
import { RemoteError, type RemoteErrorKind } from '../remote-error.ts';
import { DeniedAddressError } from './network.ts';

/** As the remote has it, so anything may be anything. */
type Answer = {
	errors?: { message?: unknown; extensions?: { code?: unknown } | null }[];
	response?: { status?: number };
};

const LONGEST = 20_000;
const RETRIED = 'It is tried again by itself.';

type Asked = Pick<Remote, 'url' | 'apiKey'>;

export function toRemoteError(error: unknown, source: Asked): RemoteError {
	const known = causes(error).find((each) => each instanceof RemoteError);
	if (known instanceof RemoteError) return known;
	const denied = causes(error).find((each) => each instanceof DeniedAddressError);
	if (denied instanceof DeniedAddressError) {
		return new RemoteError('misconfigured', denied.message, null, { code: 'DENIED_ADDRESS' });
	}

	const { errors, response } = (error ?? {}) as Answer;
	const first = Array.isArray(errors) ? errors[0] : undefined;
	const said = clean(first?.message, source);
	const code = typeof first?.extensions?.code === 'string' ? clean(first.extensions.code, source) : undefined;
	const status = response?.status;
	const failed = (kind: RemoteErrorKind, message: string) =>
		new RemoteError(kind, message, null, { status, code: code ?? reasonOf(error) });

	if (status === undefined) {
		const reason = reasonOf(error);
		return failed('unreachable', `${source.url} can't be reached${reason ? ` (${reason})` : ''}. ${RETRIED}`);
	}
	if (code === 'RECEIVER_IS_ADMIN') return failed('misconfigured', said);
	if (status === 401 || status === 403) {
		const hint = 'Enter the static token of a user with the policy "Data Sync" there, such as "Data Sync Directus".';
		return failed('unauthorised', `The remote refuses the API key (HTTP ${status}). ${hint}`);
	}
	// Directus answers 400 to a body beyond its MAX_PAYLOAD_SIZE; proxies before it answer 413.
	if (status === 413 || code === 'CONTENT_TOO_LARGE' || (status === 400 && /entity too large/i.test(said))) {
		return failed('too_large', 'The item is larger than the remote takes. Raise MAX_PAYLOAD_SIZE there, then resync.');
	}
	if (status === 404) {
		return failed('incompatible', `There is no Data Sync at ${source.url}. Install the extension on the remote.`);
	}
	if (code === 'OUT_OF_STEP') return failed('out_of_step', said);
	if (code === 'CLOCK_AHEAD') return failed('misconfigured', said);
	if (status === 400) return failed('incompatible', `The remote does not understand the request: ${said}`);
	return failed('internal', `The remote failed (HTTP ${status})${said ? `: ${said}` : ''}. ${RETRIED}`);
}

/** The code that Node.js gives the failure of a connection. */
function reasonOf(error: unknown): string | undefined {
	const codes = causes(error).map((cause) => (cause as { code?: unknown }).code);
	return codes.find((code) => typeof code === 'string' && code !== '') as string | undefined;
}

/** The error and what caused it, outermost first. */
function causes(error: unknown): unknown[] {
	const found: unknown[] = [];
	for (
		let each = error;
		each !== undefined && each !== null && found.length < 10;
		each = (each as { cause?: unknown }).cause
	) {
		found.push(each);
	}
	return found;
}

/** A remote's words, short, and without our key should it echo it. */
export function clean(message: unknown, source: Pick<Remote, 'apiKey'>): string {
	if (typeof message !== 'string') return '';
	// Before it is cut short, so that the cut leaves no part of the key.
	return withoutKey(message.slice(0, LONGEST), source).slice(0, 500);
}

export const withoutKey = (text: string, { apiKey }: Pick<Remote, 'apiKey'>): string =>
	apiKey ? text.replaceAll(apiKey, '…') : text;
