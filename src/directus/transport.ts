/** Talks to remotes with Directus' own SDK, and believes nothing of what they answer before it is checked. */
import { createDirectus, customEndpoint, rest, staticToken } from '@directus/sdk';
import * as v from 'valibot';
import { RemoteError } from '../delivery/errors.ts';
import type { RemoteInfo, Source, TransportPort } from '../delivery/ports.ts';
import { answerSchema, encodeChange, nodeIdSchema, PROTOCOL, timestampSchema } from '../replication/batch.ts';
import { toRemoteError } from './remote-error.ts';

const KNOWN_TYPE = /^(application\/(health\+)?json|text\/(html|plain))/i;

const infoSchema = v.object({
	data: v.object({
		protocol: v.pipe(v.number(), v.integer()),
		node: nodeIdSchema,
		clock: timestampSchema,
		receiver: v.boolean(),
		limits: v.object({
			payload: v.pipe(v.number(), v.minValue(10_000)),
			changes: v.pipe(v.number(), v.integer(), v.minValue(1)),
		}),
	}),
});

/** How long a remote's answer to who it is may be used again, in milliseconds. */
const INFO_LASTS = 60_000;

export function createTransport(fetch: typeof globalThis.fetch): TransportPort {
	const known = new Map<string, { info: RemoteInfo; from: string; until: number }>();

	return {
		info: async (source) => {
			const from = `${source.url} ${source.apiKey}`;
			const found = known.get(source.id);
			if (found?.from === from && found.until > Date.now()) return found.info;
			const info = await ask(source);
			known.set(source.id, { info, from, until: Date.now() + INFO_LASTS });
			return info;
		},
		send: async (source, { node, path, changes }) => {
			const body = { protocol: PROTOCOL, node, path, changes: changes.map(encodeChange) };
			const answer = await call(fetch, source, 'POST', '/data-sync/changes', body).catch((error: unknown) => {
				// Whatever was known of the remote may be why.
				known.delete(source.id);
				throw error;
			});
			const { data } = check(answerSchema, answer);
			if (data.results.length === changes.length) return data.results;
			throw new RemoteError(
				'incompatible',
				`The remote answered ${data.results.length} results for ${changes.length} changes.`,
			);
		},
	};

	async function ask(source: Source): Promise<RemoteInfo> {
		const { data } = check(infoSchema, await call(fetch, source, 'GET', '/data-sync/info'));
		if (data.protocol !== PROTOCOL) {
			throw new RemoteError(
				'incompatible',
				`The remote speaks protocol ${data.protocol}, this instance ${PROTOCOL}. Install the same version of Data Sync on both.`,
			);
		}
		if (!data.receiver) {
			throw new RemoteError(
				'unauthorised',
				'The API key belongs to another user of the remote. Use the static token of its user "Data Sync Directus".',
			);
		}
		return toInfo(data);
	}
}

const toInfo = (data: v.InferOutput<typeof infoSchema>['data']): RemoteInfo => ({
	node: data.node,
	clock: data.clock,
	maxPayloadBytes: data.limits.payload,
	maxChanges: data.limits.changes,
});

async function call(
	fetch: typeof globalThis.fetch,
	source: Source,
	method: 'GET' | 'POST',
	path: string,
	body?: object,
): Promise<unknown> {
	const answering = async (...[input, init]: Parameters<typeof fetch>) => {
		const response = await fetch(input, init);
		if (response.status >= 300 && response.status < 400) throw redirected(response);
		if (response.status === 429 || response.status === 503) throw overloaded(response);
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

function check<T extends v.GenericSchema>(schema: T, answer: unknown): v.InferOutput<T> {
	const parsed = v.safeParse(schema, answer);
	if (parsed.success) return parsed.output;
	const path = v.getDotPath(parsed.issues[0]) ?? 'the answer';
	throw new RemoteError(
		'incompatible',
		`There is no Data Sync of this version at that URL (${path}: ${parsed.issues[0].message}). Install the same version of Data Sync on both instances.`,
	);
}

function redirected(response: Response): RemoteError {
	const location = response.headers.get('location') ?? 'elsewhere';
	return new RemoteError(
		'misconfigured',
		`The remote redirects to ${location.slice(0, 200)}; redirects are not followed. Enter the final address as the source's URL.`,
	);
}

function overloaded(response: Response): RemoteError {
	const header = response.headers.get('retry-after');
	const seconds = header === null ? Number.NaN : Number(header);
	const until = header === null ? Number.NaN : Date.parse(header) - Date.now();
	const wait = Number.isFinite(seconds) ? seconds * 1000 : Number.isFinite(until) ? Math.max(0, until) : null;
	return new RemoteError(
		'overloaded',
		`The remote asks to wait (HTTP ${response.status}). It is tried again by itself.`,
		wait,
	);
}
