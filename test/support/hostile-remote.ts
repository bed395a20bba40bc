/** A remote that answers at random, by a seed: what it says of itself is sometimes right, so that batches are sent to it. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { stamp } from './wire.ts';

export type HostileRemote = {
	url: string;
	/** Requests that have come in so far. */
	requests: () => number;
	/** By the names of the answers that were given. */
	given: ReadonlyMap<string, number>;
	close: () => Promise<void>;
};

type Answer = (response: ServerResponse, right: object, asked: number) => void;

const send = (
	response: ServerResponse,
	status: number,
	body: string | Buffer,
	headers: Record<string, string> = {},
) => {
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	response.end(body);
};
const result = (outcome: unknown, more: object = {}) => ({ outcome, ...more });
const results = (...all: unknown[]) => JSON.stringify({ data: { results: all } });
const many = (count: number, each: unknown): unknown[] => Array.from({ length: count }, () => each);

const ANSWERS: Record<string, Answer> = {
	right: (response, right) => send(response, 200, JSON.stringify(right)),
	'too few results': (response) => send(response, 200, results()),
	'too many results': (response, _right, asked) => send(response, 200, results(...many(asked + 7, result('applied')))),
	'odd outcomes': (response, _right, asked) => send(response, 200, results(...many(asked, result('exploded')))),
	'odd codes': (response, _right, asked) =>
		send(response, 200, results(...many(asked, result('failed', { code: 'nope', message: 7 })))),
	'everything wanted': (response, _right, asked) => send(response, 200, results(...many(asked, result('wanted')))),
	'bytes wanted': (response, _right, asked) =>
		send(response, 200, results(...many(asked, result('wanted', { code: 'missing_file' })))),
	'references left out': (response, _right, asked) =>
		send(response, 200, results(...many(asked, result('applied', { leftOut: ['title', '$x', 'constructor'] })))),
	'missing parents': (response, _right, asked) =>
		send(response, 200, results(...many(asked, result('pending', { code: 'missing_parent' })))),
	'long refusals': (response, _right, asked) =>
		send(
			response,
			200,
			results(...many(asked, result('failed', { code: 'internal', message: 'x\u0000'.repeat(5000) }))),
		),
	'no JSON': (response) => send(response, 200, '{"data":'),
	'a deep JSON': (response) => send(response, 200, '['.repeat(200_000)),
	'a page': (response) => send(response, 200, '<html></html>', { 'content-type': 'text/html' }),
	'names of prototypes': (response) => send(response, 200, '{"__proto__":{"data":1},"data":{"constructor":null}}'),
	'an odd error': (response) => send(response, 500, '{"errors":[{"message":{"a":1},"extensions":{"code":[]}}]}'),
	'an odd status': (response) => send(response, 299, 'null'),
	'no such route': (response) => send(response, 404, '{}'),
	'a refused key': (response) => send(response, 401, '{}'),
	'a wait without end': (response) => send(response, 503, '', { 'retry-after': '1e300' }),
	'a wait that is none': (response) => send(response, 429, '', { 'retry-after': '-NaN, yesterday' }),
	'a redirect to itself': (response) => send(response, 307, '', { location: '/data-sync/info' }),
	'a redirect to nowhere': (response) => send(response, 302, '', { location: 'javascript:\u00ff' }),
	'memories that differ': (response) =>
		send(response, 409, '{"errors":[{"message":"x","extensions":{"code":"OUT_OF_STEP"}}]}'),
	'more than it has said': (response) => {
		response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5' });
		response.write('{"da');
		response.socket?.end('ta": 1}');
	},
	'less than it has said': (response) => {
		response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
		response.write('{"da');
		setTimeout(() => response.destroy(), 20);
	},
	'what unpacks to much': (response) => {
		const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
		send(response, 200, bomb, { 'content-encoding': 'gzip' });
	},
	'a body without end': (response) => {
		response.writeHead(200, { 'content-type': 'application/json' });
		const part = Buffer.alloc(256 * 1024, 0x20);
		const more = () => {
			while (!response.destroyed && response.write(part));
		};
		response.on('drain', more);
		more();
	},
	'slow bytes': (response) => {
		response.writeHead(200, { 'content-type': 'application/json' });
		const drip = setInterval(() => response.write(' '), 100);
		response.on('close', () => clearInterval(drip));
	},
	'nothing at all': () => undefined,
	'no HTTP': (response) => response.socket?.end('220 smtp.example ESMTP\r\n'),
	'a broken connection': (response) => response.socket?.destroy(),
};

export async function startHostileRemote(seed: number, node: string): Promise<HostileRemote> {
	const given = new Map<string, number>();
	const names = Object.keys(ANSWERS);
	// Often right of itself, or nothing else would ever be asked.
	const ofInfo = fc.sample(fc.oneof({ weight: 3, arbitrary: fc.constant('right') }, fc.constantFrom(...names)), {
		seed,
		numRuns: 2000,
	});
	const ofBatches = fc.sample(fc.constantFrom(...names), { seed: seed + 1, numRuns: 2000 });
	const asked = { info: 0, batches: 0 };

	const server = createServer(async (request, response) => {
		response.on('error', () => undefined);
		request.on('error', () => undefined);
		const chunks: Buffer[] = [];
		try {
			for await (const chunk of request) chunks.push(chunk as Buffer);
		} catch {
			return;
		}
		const isInfo = request.method === 'GET';
		const name =
			(isInfo ? ofInfo[asked.info++ % ofInfo.length] : ofBatches[asked.batches++ % ofBatches.length]) ?? 'right';
		given.set(name, (given.get(name) ?? 0) + 1);
		const count = isInfo ? 0 : changesOf(Buffer.concat(chunks));
		const right = isInfo ? infoOf(node) : { data: { results: many(count, result('applied')) } };
		ANSWERS[name]?.(response, right, count);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;

	return {
		url: `http://127.0.0.1:${port}`,
		requests: () => asked.info + asked.batches,
		given,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

const infoOf = (node: string) => ({
	data: { protocol: 1, node, clock: stamp(), receiver: true, limits: { payload: 100_000, changes: 50 } },
});

function changesOf(body: Buffer): number {
	try {
		return (JSON.parse(body.toString()) as { changes: unknown[] }).changes.length;
	} catch {
		return 0;
	}
}
