/** Assets move with their bytes, between instances with other databases and other storage. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { allow, connect, DELIVERIES, type ListingInput, resync } from '../support/data-sync.ts';
import { reference, text, uuidKey } from '../support/fields.ts';
import { assetHash, objectsOf, png, replace, sha256, upload } from '../support/files.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { manyToOne } from '../support/relations.ts';
import { waitFor } from '../support/wait-for.ts';

const LISTING: ListingInput[] = [
	{ collection: 'articles', fields: ['title', 'image'] },
	{
		collection: 'directus_files',
		fields: ['title', 'description', 'folder', 'tags', 'focal_point_x', 'focal_point_y', 'metadata'],
	},
	{ collection: 'directus_folders', fields: ['name', 'parent'] },
];
const COLLECTIONS = LISTING.map(({ collection }) => collection);
const KIB = 1024;

let postgres: Postgres;
let north: Instance;
let south: Instance;
let toSouth: RecordingProxy;
let toNorth: RecordingProxy;

beforeAll(async () => {
	postgres = await startPostgres();
	[north, south] = await Promise.all([
		startInstance({ name: 'north' }),
		startInstance({
			name: 'south',
			database: { postgres },
			prepare: async (directory) => void (await mkdir(join(directory, 'media'))),
			env: {
				STORAGE_LOCATIONS: 'media',
				STORAGE_MEDIA_DRIVER: 'local',
				STORAGE_MEDIA_ROOT: './media',
				FILES_MAX_UPLOAD_SIZE: '2mb',
				FILES_MIME_TYPE_ALLOW_LIST: 'text/*,image/png,application/json',
			},
		}),
	]);
	for (const instance of [north, south]) {
		await instance.createCollection('articles', [uuidKey(), text('title'), reference('image', 'uuid')]);
		await manyToOne(instance, { collection: 'articles', field: 'image', to: 'directus_files' });
		await allow(instance, COLLECTIONS);
	}
	toSouth = await startRecordingProxy(() => south.url);
	toNorth = await startRecordingProxy(() => north.url);
	await connect(north, south, LISTING, { url: toSouth.url });
	await connect(south, north, LISTING, { url: toNorth.url });
});

afterAll(async () => {
	await Promise.all([toSouth?.close(), toNorth?.close()]);
	await Promise.all([north?.destroy(), south?.destroy()]);
	await postgres?.stop();
});

beforeEach(() => {
	toSouth.requests.length = 0;
	toNorth.requests.length = 0;
});

const uploads = (proxy: RecordingProxy) => proxy.requests.filter(({ method }) => method === 'PUT');
const bytesOf = (proxy: RecordingProxy) => uploads(proxy).reduce((sum, { body }) => sum + body.length, 0);
const file = (instance: Instance, id: string) => instance.readItem('directus_files', id);

describe.each([
	['from SQLite to PostgreSQL', () => ({ here: north, there: south, wire: toSouth, back: toNorth, folder: 'media' })],
	['from PostgreSQL to SQLite', () => ({ here: south, there: north, wire: toNorth, back: toSouth, folder: 'uploads' })],
])('%s', (_direction, pair) => {
	let id: string;
	const first = randomBytes(700 * KIB);

	async function arrives(key: string, bytes: Buffer): Promise<void> {
		await waitFor('the bytes', async () => (await assetHash(pair().there, key)) === sha256(bytes));
	}

	async function settled(): Promise<void> {
		for (const instance of [pair().here, pair().there]) await waitUntilDelivered(instance);
	}

	test('an upload arrives with its bytes and its metadata, which are sent once', async () => {
		const { here, there, wire, back } = pair();
		const uploaded = await upload(here, first, { name: 'photo.txt', title: 'A photo', description: 'Of it' });
		id = uploaded.id as string;
		await arrives(id, first);
		expect(await file(there, id)).toMatchObject({
			title: 'A photo',
			description: 'Of it',
			filename_download: 'photo.txt',
			type: 'text/plain',
			storage: there === south ? 'media' : 'local',
		});
		expect(Number((await file(there, id))?.filesize)).toBe(first.length);
		await settled();
		expect(bytesOf(wire)).toBe(first.length);
		expect(uploads(back)).toEqual([]);
	});

	test('a new title, tags and focal point send no bytes', async () => {
		const { here, there, wire } = pair();
		const values = { title: 'Another title', tags: ['one', 'two'], focal_point_x: 12, focal_point_y: 34 };
		await here.updateItem('directus_files', id, values);
		await waitFor('the metadata', async () => {
			expect(await file(there, id)).toMatchObject(values);
			return true;
		});
		await settled();
		expect(uploads(wire)).toEqual([]);
		expect(await assetHash(there, id)).toBe(sha256(first));
	});

	test('replaced bytes arrive, and the old ones are removed', async () => {
		const { here, there, wire, folder } = pair();
		const second = randomBytes(300 * KIB);
		await replace(here, id, second, { name: 'other.txt' });
		await arrives(id, second);
		await settled();
		expect(bytesOf(wire)).toBe(second.length);
		expect(await file(there, id)).toMatchObject({ title: 'Another title', tags: ['one', 'two'] });
		await waitFor('the old bytes to be gone', async () => (await objectsOf(there, id, folder)).length === 1, {
			timeoutMs: 40_000,
		});
	});

	test('what the other side replaces comes back, so that both hold the same', async () => {
		const { here, there, wire, back } = pair();
		const third = randomBytes(100 * KIB);
		await replace(there, id, third, { name: 'third.txt' });
		await waitFor('the bytes', async () => (await assetHash(here, id)) === sha256(third));
		await settled();
		expect(await assetHash(there, id)).toBe(sha256(third));
		expect(bytesOf(back)).toBe(third.length);
		expect(uploads(wire)).toEqual([]);
	});

	test('asked to send it again, an instance sends no bytes that the remote has', async () => {
		const { here, wire } = pair();
		await resync(here, 'directus_files', [id]);
		await settled();
		expect(wire.batches().length).toBeGreaterThan(0);
		expect(uploads(wire)).toEqual([]);
	});

	test('an article and its new image arrive together, the image first', async () => {
		const { here, there } = pair();
		const image = await upload(here, png(), { name: 'dot.png', type: 'image/png' });
		const article = await here.createItem('articles', { title: 'Illustrated', image: image.id });
		const seen = await waitFor('the article', () => there.readItem('articles', article.id as string));
		expect(seen).toMatchObject({ title: 'Illustrated', image: image.id });
		expect(await assetHash(there, image.id as string)).toBe(sha256(png()));
		expect(await file(there, image.id as string)).toMatchObject({ type: 'image/png', width: 1, height: 1 });
		await settled();
	});

	test('a tree of folders arrives with the files in it', async () => {
		const { here, there } = pair();
		const outer = await here.createItem('directus_folders', { name: 'Outer' });
		const inner = await here.createItem('directus_folders', { name: 'Inner', parent: outer.id });
		const { id: key } = await upload(here, Buffer.from('in a folder'), { folder: inner.id });
		await arrives(key as string, Buffer.from('in a folder'));
		expect(await file(there, key as string)).toMatchObject({ folder: inner.id });
		expect(await there.readItem('directus_folders', inner.id as string)).toMatchObject({
			name: 'Inner',
			parent: outer.id,
		});
		await settled();
	});

	test('a JSON file is bytes, and no body', async () => {
		const { here } = pair();
		const bytes = Buffer.from('{ "not": "parsed" }\n');
		const { id: key } = await upload(here, bytes, { name: 'data.json', type: 'application/json' });
		await arrives(key as string, bytes);
		await settled();
	});

	test('a deleted file is deleted with its bytes', async () => {
		const { here, there, folder } = pair();
		await here.data('DELETE', `/files/${id}`);
		await waitFor('it to be gone', async () => (await file(there, id)) === null);
		await waitFor('its bytes to be gone', async () => (await objectsOf(there, id, folder)).length === 0, {
			timeoutMs: 40_000,
		});
		await settled();
	});
});

test('the Data Sync user writes what is content, and this instance what is its own affair', async () => {
	const { id } = await upload(north, Buffer.from('whose'), { title: 'Whose' });
	await waitFor('the bytes', async () => (await assetHash(south, id as string)) !== null);
	const filter = { collection: { _eq: 'directus_files' }, item: { _eq: id } };
	const revisions = await south.readItems('directus_revisions', { filter });
	expect(revisions).toMatchObject([{ delta: { title: 'Whose' } }]);
	const written = Object.keys((revisions[0]?.delta ?? {}) as Item);
	for (const own of ['storage', 'filename_disk', 'filesize', 'type']) expect(written).not.toContain(own);
	expect(await file(south, id as string)).toMatchObject({ storage: 'media', type: 'text/plain', filesize: '5' });
});

test('a deleted file takes its object along whatever that is called, unless another file names it', async () => {
	const folder = join(south.directory, 'media');
	const bytes = Buffer.from('named by an admin');
	const [first, second] = [await upload(north, bytes), await upload(north, bytes)];
	for (const each of [first, second])
		await waitFor('the bytes', async () => (await assetHash(south, each.id as string)) !== null);
	for (const name of ['shared.txt', 'mine.txt', 'mine__thumbnail.txt']) await writeFile(join(folder, name), bytes);
	const other = await upload(south, bytes);
	const place = 'update directus_files set filename_disk = ? where id = ?';
	await south.sql(place, ['mine.txt', first.id as string]);
	await south.sql(place, ['shared.txt', second.id as string]);
	await south.sql(place, ['shared.txt', other.id as string]);

	for (const each of [first, second]) await north.data('DELETE', `/files/${each.id}`);
	await waitFor('the object to be gone', async () => !(await readdir(folder)).includes('mine.txt'), {
		timeoutMs: 60_000,
	});
	await waitFor(
		'the rest to be seen to',
		async () => {
			const rows = await south.sql('select * from data_sync_files where state = ?', ['obsolete']);
			return rows.length === 0;
		},
		{ timeoutMs: 60_000 },
	);
	const names = await readdir(folder);
	expect(names).not.toContain('mine__thumbnail.txt');
	expect(names).toContain('shared.txt');
	expect(await assetHash(south, other.id as string)).toBe(sha256(bytes));
	await south.data('DELETE', `/files/${other.id}`);
	await waitUntilDelivered(south);
});

test('a file that is too large for the remote fails alone, in words that say what to do', async () => {
	const large = await upload(north, randomBytes(3 * KIB * KIB), { title: 'Large' });
	const small = await upload(north, Buffer.from('small'), { title: 'Small' });
	await waitFor('the small one', async () => (await assetHash(south, small.id as string)) !== null);
	const row = await delivery(large.id as string);
	expect(row).toMatchObject({ collection: 'directus_files', status: 'failed', code: 'too_large' });
	expect(row.message).toMatch(/3145728 bytes.*2097152.*FILES_MAX_UPLOAD_SIZE/);
	expect(await file(south, large.id as string)).toBeNull();
	expect(uploads(toSouth).filter(({ path }) => path.includes(large.id as string))).toEqual([]);
	await north.data('DELETE', `/files/${large.id}`);
	await waitUntilDelivered(north);
});

test('a file of a type that the remote does not allow fails alone', async () => {
	const { id } = await upload(north, Buffer.from('%PDF-1.4'), { name: 'a.pdf', type: 'application/pdf' });
	const row = await delivery(id as string);
	expect(row).toMatchObject({ status: 'failed', code: 'invalid_value' });
	expect(row.message).toMatch(/application\/pdf.*FILES_MIME_TYPE_ALLOW_LIST/);
	expect(await file(south, id as string)).toBeNull();
	await north.data('DELETE', `/files/${id}`);
	await waitUntilDelivered(north);
});

test('in the end both hold the same files', async () => {
	for (const instance of [north, south]) await waitUntilDelivered(instance);
	const hashes = async (instance: Instance) => {
		const rows = await instance.readItems('directus_files', { sort: 'id' });
		return Promise.all(
			rows.map(async ({ id, title, type, folder, filename_download }) => {
				return { id, title, type, folder, filename_download, hash: await assetHash(instance, id as string) };
			}),
		);
	};
	expect(await hashes(south)).toEqual(await hashes(north));
});

function delivery(id: string): Promise<Item> {
	return waitFor('the delivery', async () => {
		const [row] = await north.readItems(DELIVERIES, { filter: { item: { _eq: id } } });
		return row ?? false;
	});
}
