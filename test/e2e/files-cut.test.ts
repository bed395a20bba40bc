/** Bytes that are cut off, wrong, or not asked for leave no trace; and nobody but the Data Sync user may bring any. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { allow, connect, giveToken, type ListingInput } from '../support/data-sync.ts';
import { assetHash, objectsOf, sha256, upload } from '../support/files.ts';
import { type HoldingProxy, startHoldingProxy } from '../support/holding-proxy.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';
import { batch, change, stamp } from '../support/wire.ts';

type Results = { data: { results: { outcome: string; code?: string; message?: string }[] } };
type Refused = { errors: { message: string; extensions: { code: string } }[] };

const FILES: ListingInput = { collection: 'directus_files', fields: ['title'] };
const MIB = 1024 * 1024;

let sender: Instance;
let receiver: Instance;
let proxy: HoldingProxy;
let token: string;

beforeAll(async () => {
	[sender, receiver] = await Promise.all([
		startInstance({ name: 'sender' }),
		startInstance({ name: 'receiver', env: { FILES_MAX_UPLOAD_SIZE: '20mb' } }),
	]);
	await allow(receiver, ['directus_files']);
	token = await giveToken(receiver);
	proxy = await startHoldingProxy(() => receiver.url);
	await connect(sender, receiver, [FILES], { url: proxy.url });
});

afterAll(async () => {
	await proxy?.close();
	await Promise.all([sender?.destroy(), receiver?.destroy()]);
});

const row = (id: string) => receiver.readItem('directus_files', id);

describe('an upload of half a file', () => {
	const bytes = randomBytes(6 * MIB);

	test.each([
		['of a receiver that is killed', () => receiver],
		['of a sender that is killed', () => sender],
	])('%s is done again, and shows nothing before', async (_title, victim) => {
		const held = proxy.holdNextAfter(2 * MIB);
		const { id } = await upload(sender, bytes, { title: 'Cut', name: 'cut.bin', type: 'application/octet-stream' });
		await held;
		expect(await row(id as string)).toBeNull();
		await victim().kill();
		proxy.release();
		await victim().start();

		await waitFor('it to arrive', async () => (await assetHash(receiver, id as string)) !== null, {
			timeoutMs: 60_000,
		});
		expect(await assetHash(receiver, id as string)).toBe(sha256(bytes));
		await waitUntilDelivered(sender);
	});

	test('keeps other changes waiting for no longer than it takes, and is of the file as it is by then', async () => {
		const held = proxy.holdNextAfter(2 * MIB);
		const { id } = await upload(sender, bytes, { title: 'First', name: 'a.bin', type: 'application/octet-stream' });
		await held;
		await sender.updateItem('directus_files', id as string, { title: 'Second' });
		proxy.release();
		await waitFor('the later title', async () => (await row(id as string))?.title === 'Second');
		expect(await assetHash(receiver, id as string)).toBe(sha256(bytes));
		await waitUntilDelivered(sender);
	});
});

describe('bytes brought by hand', () => {
	const bytes = randomBytes(MIB);
	const content = (overrides: Item = {}) => ({
		hash: sha256(bytes),
		size: bytes.length,
		type: 'application/octet-stream',
		width: null,
		height: null,
		duration: null,
		...overrides,
	});
	let id: string;
	let told: Item;

	const tell = async (fields: Item = {}): Promise<Results['data']['results'][0]> => {
		told = change({
			collection: 'directus_files',
			item: id,
			at: stamp(),
			fields: { title: 'By hand', filename_download: 'by-hand.bin', $content: content(), ...fields },
		});
		const { body } = await receiver.api<Results>('POST', '/data-sync/changes', batch([told]), token);
		return body.data.results[0] as Results['data']['results'][0];
	};

	async function put(
		body: Buffer,
		{ key = id, hash = sha256(bytes), as = token }: { key?: string; hash?: string; as?: string | null } = {},
	): Promise<{ status: number; body: Refused }> {
		const response = await fetch(`${receiver.url}/data-sync/files/${key}?sha256=${hash}`, {
			method: 'PUT',
			headers: {
				'content-type': 'application/octet-stream',
				...(as !== null && { authorization: `Bearer ${as}` }),
			},
			body: new Uint8Array(body),
		});
		return { status: response.status, body: (await response.json()) as Refused };
	}

	/** Neither a row nor bytes. */
	async function expectNothing(): Promise<void> {
		expect(await row(id)).toBeNull();
		expect(await assetHash(receiver, id)).toBeNull();
		await waitFor('no object to be left', async () => (await objectsOf(receiver, id)).length === 0);
	}

	beforeEach(() => {
		id = crypto.randomUUID();
	});

	test('become the file once their change is told again', async () => {
		expect(await tell()).toMatchObject({ outcome: 'wanted', code: 'missing_file' });
		expect(await row(id)).toBeNull();
		expect((await put(bytes)).status).toBe(200);
		expect(await row(id)).toBeNull();
		expect(await tell()).toEqual({ outcome: 'applied' });
		expect(await row(id)).toMatchObject({ title: 'By hand', filename_download: 'by-hand.bin' });
		expect(await assetHash(receiver, id)).toBe(sha256(bytes));
		expect(await objectsOf(receiver, id)).toHaveLength(1);
	});

	test('are refused while nobody has asked for them', async () => {
		const answer = await put(bytes);
		expect(answer.status).toBe(409);
		expect(answer.body.errors[0]?.message).toMatch(/not asked/);
		await expectNothing();
	});

	test.each<[string, () => string | null, number[]]>([
		['nobody', () => null, [401, 403]],
		['somebody with a wrong token', () => 'wrong', [401, 403]],
		['an admin', () => receiver.adminToken, [403]],
	])('are refused from %s', async (_who, as, statuses) => {
		await tell();
		expect(statuses).toContain((await put(bytes, { as: as() })).status);
		await expectNothing();
	});

	test('are refused when they are other bytes', async () => {
		await tell();
		const answer = await put(randomBytes(MIB));
		expect(answer.status).toBe(400);
		expect(answer.body.errors[0]?.message).toMatch(/SHA-256/);
		await expectNothing();
		expect(await tell()).toMatchObject({ outcome: 'wanted' });
	});

	test('are refused when they are fewer or more than told', async () => {
		await tell();
		expect((await put(bytes.subarray(1))).status).toBe(409);
		expect((await put(Buffer.concat([bytes, Buffer.from('x')]))).status).toBe(409);
		await expectNothing();
	});

	test.each([
		['an id that is none', { key: '..%2F..%2Fetc' }, /id/],
		['a hash that is none', { hash: '../../etc/passwd' }, /sha256/],
		['no hash', { hash: '' }, /sha256/],
	])('are refused with %s', async (_what, options, words) => {
		const answer = await put(bytes, options);
		expect(answer.status).toBe(400);
		expect(answer.body.errors[0]?.message).toMatch(words);
	});

	test('are not asked for beyond the size limit, and not taken', async () => {
		const size = 30 * MIB;
		expect(await tell({ $content: content({ size }) })).toMatchObject({ outcome: 'failed', code: 'too_large' });
		const status = await new Promise((resolve, reject) => {
			const path = `/data-sync/files/${id}?sha256=${sha256(bytes)}`;
			const headers = { authorization: `Bearer ${token}`, 'content-length': size };
			const put = request(new URL(path, receiver.url), { method: 'PUT', headers }, (answer) => {
				resolve(answer.statusCode);
				put.destroy();
			});
			put.on('error', reject);
			put.write(bytes);
		});
		expect(status).toBe(413);
	});

	test.each([
		['no object', 'a'],
		['a path for a hash', content({ hash: '../../etc/passwd' })],
		['a key too many', content({ storage: 'local' })],
	])('are not asked for by a content that is %s', async (_what, malformed) => {
		expect(await tell({ $content: malformed })).toMatchObject({ outcome: 'failed', code: 'invalid_value' });
		await expectNothing();
	});

	test('never end up under a name that the sender chooses', async () => {
		await tell({ filename_download: '../../../evil/../x.b/a/d' });
		await put(bytes);
		await tell({ filename_download: '../../../evil/../x.b/a/d' });
		const [name] = await objectsOf(receiver, id);
		expect(name).toMatch(new RegExp(`^${id}-[0-9a-f]{8}$`));
		expect(await assetHash(receiver, id)).toBe(sha256(bytes));
	});

	test('may be brought twice at a time', async () => {
		await tell();
		const answers = await Promise.all([put(bytes), put(bytes), put(bytes)]);
		expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
		expect(await tell()).toEqual({ outcome: 'applied' });
		expect(await assetHash(receiver, id)).toBe(sha256(bytes));
		await waitFor('the spare ones to be removed', async () => (await objectsOf(receiver, id)).length === 1, {
			timeoutMs: 40_000,
		});
	});

	test('are checked by permission before they are asked for', async () => {
		const filter = { collection: { _eq: 'directus_files' }, action: { _eq: 'create' } };
		const [permission] = await receiver.readItems('directus_permissions', { filter });
		await receiver.data('DELETE', `/permissions/${permission?.id}`);
		expect(await tell()).toMatchObject({ outcome: 'failed', code: 'forbidden' });
		expect((await put(bytes)).status).toBe(409);
		await allow(receiver, ['directus_files'], ['create']);
	});

	test('leave the old file as it is until they are all there', async () => {
		await tell();
		await put(bytes);
		await tell();
		const others = randomBytes(MIB);
		const replaced = { $content: content({ hash: sha256(others), size: others.length }) };
		expect(await tell(replaced)).toMatchObject({ outcome: 'wanted' });
		expect((await put(bytes, { hash: sha256(others) })).status).toBe(400);
		expect(await assetHash(receiver, id)).toBe(sha256(bytes));
		expect((await put(others, { hash: sha256(others) })).status).toBe(200);
		expect(await assetHash(receiver, id)).toBe(sha256(bytes));
		expect(await tell(replaced)).toEqual({ outcome: 'applied' });
		expect(await assetHash(receiver, id)).toBe(sha256(others));
		await waitFor('the old bytes to be removed', async () => (await objectsOf(receiver, id)).length === 1, {
			timeoutMs: 40_000,
		});
	});
});
