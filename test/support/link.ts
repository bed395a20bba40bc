/** One direction between two instances, as a proxy that can be cut in the ways networks fail, and that counts what passes. */
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * open:    everything passes;
 * refuse:  connections are closed at once;
 * hang:    requests are taken, and neither passed on nor answered until the cut ends;
 * swallow: requests are passed on, their answers are not: the remote has applied what the sender does not know of.
 */
export const CUTS = ['refuse', 'hang', 'swallow'] as const;
export type LinkState = 'open' | (typeof CUTS)[number];

export type Traffic = { requests: number; batches: number; bytes: number };

export type Link = {
	name: string;
	url: string;
	traffic: Traffic;
	set: (state: LinkState) => void;
	close: () => Promise<void>;
};

/** @param target address of the instance that answers; asked at each request */
export async function startLink(name: string, target: () => string): Promise<Link> {
	const traffic: Traffic = { requests: 0, batches: 0, bytes: 0 };
	const hanging = new Set<ServerResponse>();
	let state: LinkState = 'open';

	const server = createServer(async (incoming, outgoing) => {
		// A sender that is killed breaks off in the middle; that is its own affair.
		outgoing.on('error', () => undefined);
		incoming.on('error', () => undefined);
		if (state === 'refuse') return outgoing.destroy();
		const { method = 'GET', url: path = '/', headers } = incoming;
		const chunks: Buffer[] = [];
		try {
			for await (const chunk of incoming) chunks.push(chunk as Buffer);
		} catch {
			return;
		}
		const body = Buffer.concat(chunks);
		traffic.requests += 1;
		traffic.bytes += body.length;
		if (method === 'POST') traffic.batches += 1;
		if (state === 'hang') return hanging.add(outgoing);

		const passed = request(new URL(path, target()), { method, headers }, async (answer) => {
			const parts: Buffer[] = [];
			try {
				for await (const part of answer) parts.push(part as Buffer);
			} catch {
				return outgoing.destroy();
			}
			if (state === 'swallow') return outgoing.destroy();
			const whole = Buffer.concat(parts);
			traffic.bytes += whole.length;
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(whole);
		});
		passed.on('error', () => outgoing.destroy());
		passed.end(body);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

	return {
		name,
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		traffic,
		set: (next) => {
			state = next;
			for (const each of hanging) each.destroy();
			hanging.clear();
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
