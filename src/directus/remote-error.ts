/** Turns whatever a request to a remote failed with into a RemoteError that says what to do. */
import { RemoteError } from '../delivery/errors.ts';
import type { Source } from '../delivery/ports.ts';
import { DeniedAddressError } from './network.ts';

type Answer = { errors?: { message?: string; extensions?: { code?: string } }[]; response?: { status?: number } };

const RETRIED = 'It is tried again by itself.';

export function toRemoteError(error: unknown, source: Source): RemoteError {
	const known = causes(error).find((each) => each instanceof RemoteError);
	if (known instanceof RemoteError) return known;
	const denied = causes(error).find((each) => each instanceof DeniedAddressError);
	if (denied instanceof DeniedAddressError) return new RemoteError('misconfigured', denied.message);

	const { errors, response } = (error ?? {}) as Answer;
	const first = errors?.[0];
	const said = clean(first?.message ?? '', source);
	const code = first?.extensions?.code;
	const status = response?.status;

	if (status === undefined) {
		const reason = causes(error)
			.map((cause) => (cause as { code?: string }).code)
			.find(Boolean);
		return new RemoteError('unreachable', `${source.url} can't be reached${reason ? ` (${reason})` : ''}. ${RETRIED}`);
	}
	if (status === 401 || status === 403) {
		const hint = 'Enter the static token of the remote\'s user "Data Sync Directus" as the API key.';
		return new RemoteError('unauthorised', `The remote refuses the API key (HTTP ${status}). ${hint}`);
	}
	// Directus answers 400 to a body beyond its MAX_PAYLOAD_SIZE; proxies before it answer 413.
	if (status === 413 || code === 'CONTENT_TOO_LARGE' || (status === 400 && /entity too large/i.test(said))) {
		return new RemoteError(
			'too_large',
			'The item is larger than the remote takes. Raise MAX_PAYLOAD_SIZE there, then resync.',
		);
	}
	if (status === 404) {
		return new RemoteError(
			'incompatible',
			`There is no Data Sync at ${source.url}. Install the extension on the remote.`,
		);
	}
	if (code === 'CLOCK_AHEAD') return new RemoteError('misconfigured', said);
	if (status === 400) return new RemoteError('incompatible', `The remote does not understand the request: ${said}`);
	return new RemoteError('internal', `The remote failed (HTTP ${status})${said ? `: ${said}` : ''}. ${RETRIED}`);
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
function clean(message: string, { apiKey }: Source): string {
	const text = message.slice(0, 500);
	return apiKey ? text.replaceAll(apiKey, '…') : text;
}
