/** One request to a remote, by Directus' own SDK. */

import { createDirectus, customEndpoint, rest, staticToken } from '@directus/sdk';
import * as v from 'valibot';
import type { Remote } from '../port.ts';
import { RemoteError } from '../remote-error.ts';
import { isRedirect } from '../remote-url.ts';
import { clean, toRemoteError } from './to-remote-error.ts';

const KNOWN_TYPE = /^(application\/(health\+)?json|text\/(html|plain))/i;

/** One request to a remote; gives its answer, unchecked. Rejects with a RemoteError. */
export async function call(
	fetch: typeof globalThis.fetch,
	source: Pick<Remote, 'url' | 'apiKey'>,
	method: 'GET' | 'POST',
	path: string,
	body?: object,
): Promise<unknown> {
	const answering = async (...[input, init]: Parameters<typeof fetch>) => {
		const response = await fetch(input, init);
		if (isRedirect(response.status)) throw redirected(response, source);
		if (response.status === 429 || response.status === 503) throw await overloaded(response, source);
		// The SDK takes an answer of a type it does not know, such as a proxy's, for a success whatever its status.
		if (!response.ok && !KNOWN_TYPE.test(response.headers.get('content-type') ?? '')) {
			throw Object.assign(new Error(`HTTP ${response.status}`), { response });
		}
		return response;
	};
	const client = createDirectus(source.url, { globals: { fetch: answering } })
		.with(staticToken(source.apiKey ?? ''))
		.with(rest());

	try {
		const raw = customEndpoint<unknown>({
			path,
			method,
			...(body && { body: JSON.stringify(body) }),
			// The SDK hands out `data` alone; the answer is checked whole.
			onResponse: (data) => ({ data }),
		});
		return await client.request(raw);
	} catch (error) {
		throw toRemoteError(error, source);
	}
}

/** The answer as the schema has it. Throws a RemoteError. */
export function check<T extends v.GenericSchema>(schema: T, answer: unknown): v.InferOutput<T> {
	const parsed = v.safeParse(schema, answer);
	if (parsed.success) return parsed.output;
	const issue = parsed.issues[0];
	const path = v.getDotPath(issue) ?? 'the answer';
	// Without what the remote has sent, which may be long, and anything.
	const fault = `${path}: ${issue.message.split(' but received')[0]}`.slice(0, 200);
	throw new RemoteError(
		'incompatible',
		`There is no Data Sync of this version at that URL (${fault}). Install the same version of Data Sync on both instances.`,
	);
}

function redirected(response: Response, source: Pick<Remote, 'apiKey'>): RemoteError {
	const location = clean(response.headers.get('location') ?? 'elsewhere', source);
	return new RemoteError(
		'misconfigured',
		`The remote redirects to ${location.slice(0, 200)}; redirects are not followed. Enter the final address as the source's URL.`,
		null,
		{ status: response.status, code: 'REDIRECT' },
	);
}

/** What Directus answers with, in its own words. */
const errorsSchema = v.object({
	errors: v.tupleWithRest([v.object({ extensions: v.object({ code: v.string() }) })], v.unknown()),
});

async function overloaded(response: Response, source: Pick<Remote, 'apiKey'>): Promise<RemoteError> {
	const header = response.headers.get('retry-after');
	const seconds = header === null ? Number.NaN : Number(header);
	const until = header === null ? Number.NaN : Date.parse(header) - Date.now();
	const said = v.safeParse(errorsSchema, await response.json().catch(() => null));
	const wait = Number.isFinite(seconds) ? seconds * 1000 : Number.isFinite(until) ? Math.max(0, until) : null;
	return new RemoteError(
		'overloaded',
		`The remote asks to wait (HTTP ${response.status}). It is tried again by itself.`,
		wait,
		{ status: response.status, code: said.success ? clean(said.output.errors[0].extensions.code, source) : undefined },
	);
}
