/** Files as people bring them: uploaded, replaced, downloaded over REST. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Item } from './api.ts';
import type { Instance } from './instance.ts';

export type Upload = { name?: string; type?: string } & Record<string, unknown>;

/** The smallest PNG there is: one pixel of the given grey. */
export function png(grey: 'black' | 'white' = 'black'): Buffer {
	const pixel = { black: 'mNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg==', white: 'mP8////fwAJ+wP9CNHoHgAAAABJRU5ErkJggg==' };
	return Buffer.from(`iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42${pixel[grey]}`, 'base64');
}

/** Uploads a new file; what is neither name nor type is metadata. Gives the row. */
export function upload(instance: Instance, bytes: Buffer, options: Upload = {}): Promise<Item> {
	return send(instance, 'POST', '/files', bytes, options);
}

/** Puts other bytes in place of a file's. */
export function replace(instance: Instance, id: string, bytes: Buffer, options: Upload = {}): Promise<Item> {
	return send(instance, 'PATCH', `/files/${id}`, bytes, options);
}

async function send(instance: Instance, method: string, path: string, bytes: Buffer, options: Upload): Promise<Item> {
	const { name = 'note.txt', type = 'text/plain', ...metadata } = options;
	const form = new FormData();
	for (const [field, value] of Object.entries(metadata)) form.append(field, String(value));
	form.append('file', new Blob([new Uint8Array(bytes)], { type }), name);
	const headers = { authorization: `Bearer ${instance.adminToken}` };
	const response = await fetch(new URL(path, instance.url), { method, headers, body: form });
	if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
	return ((await response.json()) as { data: Item }).data;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The SHA-256 of what anybody who downloads the file gets; null when nobody gets anything. */
export async function assetHash(instance: Instance, id: string): Promise<string | null> {
	const headers = { authorization: `Bearer ${instance.adminToken}` };
	const response = await fetch(new URL(`/assets/${id}`, instance.url), { headers });
	return response.ok ? sha256(new Uint8Array(await response.arrayBuffer())) : null;
}

/** Names of the stored objects of a file, thumbnails included. */
export async function objectsOf(instance: Instance, id: string, folder = 'uploads'): Promise<string[]> {
	const names = await readdir(join(instance.directory, folder));
	return names.filter((name) => name.includes(id)).sort();
}
