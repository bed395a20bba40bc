/**
 * The connections to remotes: kept alive, never redirected, with deadlines, and never to an address that Directus'
 * `IMPORT_IP_DENY_LIST` forbids. The address is checked where the name is resolved, so a name that changes
 * its address between check and connection gains nothing.
 */
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { TransformStream } from 'node:stream/web';
import { IpBlocklist } from '@directus/utils/node';
import { Agent, request, Response as UndiciResponse, fetch as undiciFetch } from 'undici';

const CONNECT_TIMEOUT = 10_000;
const ANSWER_TIMEOUT = 120_000;
const LARGEST_ANSWER = 16 * 1024 * 1024;

export class DeniedAddressError extends Error {
	override name = 'DeniedAddressError';

	constructor(host: string) {
		super(
			`${host} is an address that IMPORT_IP_DENY_LIST forbids. If the remote really is there, change that list in this instance's environment (its default, 0.0.0.0, forbids every address of this machine).`,
		);
	}
}

/** A fetch for remotes. `denyList` is Directus' IMPORT_IP_DENY_LIST; a whole answer may take `patience` milliseconds. */
export function createFetch(denyList: readonly string[], patience = ANSWER_TIMEOUT): typeof globalThis.fetch {
	const { dispatcher, refuseDenied } = createConnections(denyList, patience);

	const fetch = async (input: string | URL | Request, init?: RequestInit) => {
		const url = new URL(input instanceof Request ? input.url : input);
		refuseDenied(url);
		const signal = AbortSignal.timeout(patience);
		return limited(await undiciFetch(url, { ...(init as object), redirect: 'manual', signal, dispatcher }));
	};

	return fetch as unknown as typeof globalThis.fetch;
}

/** The same answer, which fails once it grows too large. Undici counts what comes in, which may be compressed. */
function limited(response: UndiciResponse): UndiciResponse {
	if (!response.body) return response;
	let bytes = 0;
	const count = new TransformStream<Uint8Array, Uint8Array>({
		transform: (chunk, controller) => {
			bytes += chunk.byteLength;
			if (bytes <= LARGEST_ANSWER) controller.enqueue(chunk);
			else controller.error(new Error(`The answer has more than ${LARGEST_ANSWER} bytes.`));
		},
	});
	const { status, statusText, headers } = response;
	return new UndiciResponse(response.body.pipeThrough(count), { status, statusText, headers });
}

export type PutStream = (
	url: string,
	headers: Record<string, string>,
	body: Readable,
) => Promise<{ status: number; text: () => Promise<string> }>;

/**
 * Puts a stream to a remote, by the same connections, for as long as it goes on: each part that is written puts the deadline
 * off. Not by fetch, which copies a stream that it is given, and so ends with the whole of it in memory.
 */
export function createPut(denyList: readonly string[]): PutStream {
	const { dispatcher, refuseDenied } = createConnections(denyList, ANSWER_TIMEOUT);

	return async (url, headers, body) => {
		refuseDenied(new URL(url));
		const { statusCode, body: answer } = await request(url, { method: 'PUT', headers, body, dispatcher });
		return { status: statusCode, text: () => answer.text() };
	};
}

function createConnections(denyList: readonly string[], patience: number) {
	const isDenied = createDenyList(denyList);
	const lookup: LookupFunction = (host, options, callback) => {
		dnsLookup(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
			if (error) return callback(error, '', 0);
			if (addresses.some(({ address }) => isDenied(address))) return callback(new DeniedAddressError(host), '', 0);
			if (options.all) return (callback as (error: null, addresses: LookupAddress[]) => void)(null, addresses);
			const first = addresses[0];
			return first ? callback(null, first.address, first.family) : callback(new Error(`${host} has no address`), '', 0);
		});
	};
	const dispatcher = new Agent({
		connect: { lookup, timeout: CONNECT_TIMEOUT },
		headersTimeout: patience,
		bodyTimeout: patience,
		keepAliveTimeout: 30_000,
		connections: 4,
		maxResponseSize: LARGEST_ANSWER,
	});

	const refuseDenied = (url: URL): void => {
		const host = url.hostname.replace(/^\[|\]$/g, '');
		if (isIP(host) !== 0 && isDenied(host)) throw new DeniedAddressError(host);
	};

	return { dispatcher, refuseDenied };
}

/** Reads the list as Directus does; `0.0.0.0` stands for every address of this machine. */
function createDenyList(denyList: readonly string[]): (address: string) => boolean {
	const list = new IpBlocklist();

	for (const entry of denyList.map((each) => each.trim()).filter(Boolean)) {
		if (entry === '0.0.0.0') {
			list.parseSubnet('0.0.0.0/8');
			list.parseAddress('::');
			list.addLocalNetworkInterfaces();
		} else if (entry.includes('-')) list.parseRange(entry);
		else if (entry.includes('/')) list.parseSubnet(entry);
		else list.parseAddress(entry);
	}

	return (address) => list.checkAddress(address);
}
