/** A remote as seen on the wire: passes every request on to an instance and keeps its raw bytes. */
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Item } from './api.ts';

export type RecordedRequest = { method: string; path: string; headers: IncomingMessage['headers']; body: Buffer };

export type RecordingProxy = {
	url: string;
	requests: RecordedRequest[];
	/** Bodies of `POST /data-sync/changes` so far. */
	batches: () => RecordedRequest[];
	/** Everything that was sent to the remote so far: request lines, headers and bodies. */
	wire: () => string;
	/** How many bytes have come and gone so far, whatever they were. */
	bytes: () => number;
	close: () => Promise<void>;
};

/** Gives the body to answer with in place of a JSON answer's. */
export type Rewrite = (path: string, body: Item) => Item;

/**
 * @param target address of the instance that answers; asked at each request
 * @param rewrite asked for each answer, if given
 */
export async function startRecordingProxy(target: () => string, rewrite?: Rewrite): Promise<RecordingProxy> {
	const requests: RecordedRequest[] = [];
	const sockets: Socket[] = [];

	const server = createServer(async (incoming, outgoing) => {
		const chunks: Buffer[] = [];
		for await (const chunk of incoming) chunks.push(chunk as Buffer);
		const body = Buffer.concat(chunks);
		const { method = 'GET', url: path = '/', headers } = incoming;
		requests.push({ method, path, headers, body });

		const passed = request(new URL(path, target()), { method, headers }, (answer) => {
			if (rewrite) {
				void rewritten(answer, (whole) => rewrite(path, whole)).then((text) => {
					const { 'content-length': _length, ...rest } = answer.headers;
					outgoing.writeHead(answer.statusCode ?? 502, rest).end(text);
				});
				return;
			}
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(outgoing);
		});
		passed.on('error', () => outgoing.destroy());
		passed.end(body);
	});
	server.on('connection', (socket: Socket) => sockets.push(socket));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;

	return {
		url: `http://127.0.0.1:${port}`,
		requests,
		batches: () => requests.filter(({ method, path }) => method === 'POST' && path === '/data-sync/changes'),
		wire: () =>
			requests
				.map(
					({ method, path, headers, body }) =>
						`${method} ${path}\n${JSON.stringify(headers)}\n${body.toString('latin1')}`,
				)
				.join('\n'),
		bytes: () => sockets.reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0),
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

async function rewritten(answer: IncomingMessage, rewrite: (body: Item) => Item): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of answer) chunks.push(chunk as Buffer);
	return JSON.stringify(rewrite(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Item));
}
