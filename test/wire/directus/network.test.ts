import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createFetch } from '../../../src/wire/directus/network.ts';

const servers: Server[] = [];
const MEGABYTE = 1024 ** 2;

afterEach(() => {
	for (const server of servers.splice(0)) {
		server.close();
		server.closeAllConnections();
	}
});

async function serve(answer: RequestListener): Promise<string> {
	const server = createServer(answer);
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('an answer', () => {
	const zipped =
		(size: number): RequestListener =>
		(_request, response) =>
			response
				.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
				.end(gzipSync(Buffer.alloc(size, ' ')));

	test('that is compressed is read', async () => {
		const response = await createFetch([])(await serve(zipped(MEGABYTE)));
		expect((await response.text()).length).toBe(MEGABYTE);
	});

	test('that unpacks to more than it may have is not read to its end', async () => {
		const response = await createFetch([])(await serve(zipped(64 * MEGABYTE)));
		await expect(response.text()).rejects.toThrow(/bytes/);
	});

	test('that is too large as it is, is not read to its end either', async () => {
		const url = await serve((_request, response) => response.writeHead(200).end(Buffer.alloc(17 * MEGABYTE)));
		await expect(createFetch([])(url).then((response) => response.text())).rejects.toThrow();
	});

	test('without a body keeps its status', async () => {
		const url = await serve((_request, response) => response.writeHead(204).end());
		expect((await createFetch([])(url)).status).toBe(204);
	});
});

describe('an address of this machine is denied', () => {
	test.each([
		'127.0.0.1',
		'127.1',
		'2130706433',
		'0x7f000001',
		'0',
		'[::1]',
		'[::]',
		'[::ffff:127.0.0.1]',
		'localhost',
	])('as %s', async (host) => {
		const { port } = new URL(await serve((_request, response) => response.end('reached')));
		const reached = createFetch(['0.0.0.0'])(`http://${host}:${port}`).then((response) => response.text());
		const error = await reached.catch((thrown: Error) => thrown);
		expect(String((error as Error).cause ?? error)).toMatch(/IMPORT_IP_DENY_LIST forbids/);
	});
});
