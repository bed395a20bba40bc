/** An upload is a stream: however slowly it is taken, little of the file is in memory. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createFiles } from '../../src/files/send.ts';
import { createPut } from '../../src/wire/directus/network.ts';
import { source } from '../support/memory/node.ts';

const MIB = 1024 * 1024;
const FILE = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const content = (size: number) => ({
	hash: 'a'.repeat(64),
	size,
	type: null,
	width: null,
	height: null,
	duration: null,
});

let server: Server | undefined;

afterEach(async () => {
	server?.closeAllConnections();
	await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
	server = undefined;
});

async function listen(handler: Parameters<typeof createServer>[1]): Promise<string> {
	const started = createServer(handler);
	server = started;
	await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

/** A storage whose one file has so many bytes; counts those that were read. */
function createStorage(size: number) {
	const storage = { read: 0, ended: false };
	async function* bytes() {
		try {
			for (; storage.read < size; storage.read += 64 * 1024) yield Buffer.alloc(64 * 1024);
		} finally {
			storage.ended = true;
		}
	}
	const getAsset = async () => ({ stream: async () => Readable.from(bytes()), file: {}, stat: { size } });
	const services = {
		AssetsService: class {
			getAsset = getAsset;
		},
	};
	const context = { services, getSchema: async () => ({}), database: {} } as unknown;
	return { storage, files: createFiles(context as Parameters<typeof createFiles>[0], createPut([])) };
}

describe('an upload', () => {
	it('reads no more of a large file than the remote has taken and the connection holds', async () => {
		const size = 256 * MIB;
		const before = process.memoryUsage().arrayBuffers;
		const { storage, files } = createStorage(size);
		let taken = 0;
		let most = 0;
		const url = await listen(async (request, response) => {
			for await (const chunk of request) {
				taken += (chunk as Buffer).length;
				most = Math.max(most, storage.read - taken);
				await turn();
			}
			response.end('{}');
		});
		expect(await files.upload(source('remote', { url }), FILE, content(size))).toBeNull();
		expect(taken).toBe(size);
		expect(most).toBeLessThan(16 * MIB);
		// Whoever keeps what was sent has it all by now.
		expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 * MIB);
	}, 60_000);

	it('tells how much it is, what hash it has and who sends it, under a type that is no JSON', async () => {
		let seen: unknown;
		const url = await listen(async (request, response) => {
			const { method, url: path, headers } = request;
			seen = {
				method,
				path,
				size: headers['content-length'],
				type: headers['content-type'],
				as: headers.authorization,
			};
			for await (const _chunk of request);
			response.end('{}');
		});
		const { files } = createStorage(64 * 1024);
		expect(await files.upload(source('remote', { url: `${url}/cms/` }), FILE, content(64 * 1024))).toBeNull();
		expect(seen).toEqual({
			method: 'PUT',
			path: `/cms/data-sync/files/${FILE}?sha256=${'a'.repeat(64)}`,
			size: '65536',
			type: 'application/octet-stream',
			as: 'Bearer key',
		});
	});

	it.each([
		[413, 'failed', 'too_large', /larger than the remote, or a proxy/],
		[409, 'pending', 'missing_file', /HTTP 409.*because/],
		[500, 'pending', 'missing_file', /HTTP 500/],
		[302, 'pending', 'missing_file', /HTTP 302/],
	])('that is answered %i is %s', async (status, outcome, code, words) => {
		const url = await listen(async (request, response) => {
			for await (const _chunk of request);
			response.writeHead(status, { location: 'http://elsewhere.example' });
			response.end(JSON.stringify({ errors: [{ message: 'because' }] }));
		});
		const { files } = createStorage(64 * 1024);
		const result = await files.upload(source('remote', { url }), FILE, content(64 * 1024));
		expect(result).toMatchObject({ outcome, code });
		expect(result?.message).toMatch(words);
	});

	it('that is cut off is pending, and lets go of the file', async () => {
		const size = 64 * MIB;
		const { storage, files } = createStorage(size);
		const url = await listen((request) => {
			request.once('data', () => request.socket.destroy());
		});
		const result = await files.upload(source('remote', { url }), FILE, content(size));
		expect(result).toMatchObject({ outcome: 'pending', code: 'missing_file' });
		expect(storage.read).toBeLessThan(size);
		await expect.poll(() => storage.ended).toBe(true);
	});

	it('of a file that has another size by now is not begun', async () => {
		const { storage, files } = createStorage(64 * 1024);
		const result = await files.upload(source('remote', { url: 'http://127.0.0.1:1' }), FILE, content(1));
		expect(result).toMatchObject({ outcome: 'pending' });
		expect(storage.read).toBe(0);
	});

	it('never shows the API key in what a remote says', async () => {
		const url = await listen(async (request, response) => {
			for await (const _chunk of request);
			response.writeHead(500);
			response.end(JSON.stringify({ errors: [{ message: `your token is ${request.headers.authorization}` }] }));
		});
		const { files } = createStorage(64 * 1024);
		const remote = source('remote', { url, apiKey: 'very-secret' });
		expect((await files.upload(remote, FILE, content(64 * 1024)))?.message).not.toContain('very-secret');
	});
});
