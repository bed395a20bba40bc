/** A remote whose uploads stop half-way until they are let go on, for tests of what breaks in between. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HoldingProxy = {
	url: string;
	/** Holds the next upload once so many bytes of it have been passed on; resolves then. */
	holdNextAfter: (bytes: number) => Promise<void>;
	/** Lets the held upload go on. */
	release: () => void;
	close: () => Promise<void>;
};

/** @param target address of the instance that answers; asked at each request */
export async function startHoldingProxy(target: () => string): Promise<HoldingProxy> {
	let held: { after: number; reached: () => void; released: Promise<void> } | null = null;
	let release = () => {};

	const server = createServer(async (incoming, outgoing) => {
		const { method = 'GET', url: path = '/', headers } = incoming;
		const passed = request(new URL(path, target()), { method, headers }, (answer) => {
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(outgoing);
		});
		passed.on('error', () => outgoing.destroy());
		incoming.on('error', () => passed.destroy());
		const hold = method === 'PUT' ? held : null;
		if (hold) held = null;
		let seen = 0;

		try {
			for await (const chunk of incoming) {
				seen += (chunk as Buffer).length;
				passed.write(chunk);
				if (!hold || seen < hold.after) continue;
				hold.reached();
				await hold.released;
			}
			passed.end();
		} catch {
			// The sender has gone: the receiver is to see that too.
			passed.destroy();
		}
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;

	return {
		url: `http://127.0.0.1:${port}`,
		holdNextAfter: (after) =>
			new Promise((reached) => {
				const released = new Promise<void>((resolve) => {
					release = resolve;
				});
				held = { after, reached, released };
			}),
		release: () => release(),
		close: () =>
			new Promise((resolve) => {
				release();
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
