/** Where an instance may be told to send: checked on save, and again at every connection. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createContent, PAGES } from '../support/content.ts';
import { SOURCES } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

type Refused = { errors: { message: string; extensions: { code: string } }[] };

let instance: Instance;
const servers: Server[] = [];

beforeAll(async () => {
	instance = await startInstance({ name: 'sender' });
	await createContent(instance);
});

afterAll(async () => {
	for (const server of servers) {
		server.close();
		server.closeAllConnections();
	}
	await instance.destroy();
});

const source = (url: string) => ({ name: url, url, api_key: 'the-key', status: 'published', schema: [PAGES] });

describe('a source is refused on save, in words that say what to do, when its URL', () => {
	test.each([
		['is of another protocol', 'ftp://example.com', /http:\/\/ or https:\/\//],
		['is a file', 'file:///etc/passwd', /http:\/\/ or https:\/\//],
		['runs a script', 'javascript:alert(1)', /http:\/\/ or https:\/\//],
		['is no URL', 'example.com', /http:\/\/ or https:\/\//],
		['holds a password', 'https://user:password@example.com', /must not hold a user or password.*api_key/],
		['holds a user', 'https://user@example.com', /must not hold a user or password/],
		['holds a query', 'https://example.com/?access_token=x', /"\?"/],
		['is that of the Studio', 'https://example.com/admin', /leave out \/admin/],
	])('%s', async (_title, url, words) => {
		const created = await instance.api<Refused>('POST', `/items/${SOURCES}`, source(url));
		expect(created.status).toBe(400);
		expect(created.body.errors[0]?.message).toMatch(words);
		expect(created.body.errors[0]?.message).not.toContain('password@');
		expect(await instance.readItems(SOURCES)).toEqual([]);
	});

	test('is changed to one of these later', async () => {
		const { id } = await instance.createItem(SOURCES, { ...source('https://example.com'), status: 'draft' });
		const updated = await instance.api<Refused>('PATCH', `/items/${SOURCES}/${id}`, { url: 'ftp://example.com' });
		expect(updated.status).toBe(400);
		const batch = await instance.api<Refused>('PATCH', `/items/${SOURCES}`, [{ id, url: 'ftp://example.com' }]);
		expect(batch.status).toBe(400);
		expect(await instance.readItem(SOURCES, id as string)).toMatchObject({ url: 'https://example.com' });
		await instance.deleteItem(SOURCES, id as string);
	});

	test('was put there by SQL', async () => {
		const { id } = await instance.createItem(SOURCES, source('http://127.0.0.1:9'));
		await instance.sql(`update ${SOURCES} set url = ? where id = ?`, ['file:///etc/passwd', id as string]);
		await instance.createItem('pages', { slug: 'by-sql', title: 'x' });
		await waitFor('the refusal', async () => /https?:/.test(await lastError(id as string)));
		await instance.deleteItem(SOURCES, id as string);
	});
});

describe('a stored key is not sent to an origin for which nobody has entered it', () => {
	const asked: string[] = [];
	let home: string;
	let elsewhere: string;
	let ids: string[];

	beforeAll(async () => {
		const hear = (name: string) => (url: string) => {
			asked.push(`${name} ${url}`);
			return { status: 404, headers: {} };
		};
		[home, elsewhere] = await Promise.all([serve(hear('home')), serve(hear('elsewhere'))]);
		const created = await Promise.all(['one', 'two'].map((name) => createSource(home, { name })));
		ids = created.map(({ id }) => id as string);
		await waitFor('the first requests', () => asked.length >= 2);
	});

	afterAll(() => Promise.all(ids.map((id) => instance.deleteItem(SOURCES, id))));

	const createSource = (url: string, overrides: object) =>
		instance.createItem(SOURCES, { ...source(url), ...overrides });
	const NEEDS_KEY = /"api_key" must be entered again/;

	test.each<[string, () => [path: string, body: unknown]]>([
		['in one source', () => [`/${ids[0]}`, { url: elsewhere }]],
		['in many at once', () => ['', { keys: ids, data: { url: elsewhere } }]],
		['in a batch', () => ['', ids.map((id) => ({ id, url: elsewhere }))]],
		['with the mask that the Studio shows', () => [`/${ids[0]}`, { url: elsewhere, api_key: '**********' }]],
		['to another port', () => [`/${ids[0]}`, { url: home.replace(/\d+$/, '1') }]],
		['to another host', () => [`/${ids[0]}`, { url: home.replace('127.0.0.1', 'localhost') }]],
	])('when its URL is changed %s', async (_title, change) => {
		const [path, body] = change();
		const refused = await instance.api<Refused>('PATCH', `/items/${SOURCES}${path}`, body);
		expect([refused.status, refused.body.errors?.[0]?.message]).toEqual([400, expect.stringMatching(NEEDS_KEY)]);
		for (const id of ids) expect(await instance.readItem(SOURCES, id)).toMatchObject({ url: home });
	});

	test('nor when the URL is emptied in between, or TLS is dropped', async () => {
		const { id } = await createSource('https://127.0.0.1:1', { status: 'draft' });
		const drop = await instance.api<Refused>('PATCH', `/items/${SOURCES}/${id}`, { url: 'http://127.0.0.1:1' });
		expect([drop.status, drop.body.errors?.[0]?.message]).toEqual([400, expect.stringMatching(NEEDS_KEY)]);
		await instance.updateItem(SOURCES, id as string, { url: null });
		const { status } = await instance.api('PATCH', `/items/${SOURCES}/${id}`, { url: elsewhere });
		expect(status).toBe(400);
		await instance.deleteItem(SOURCES, id as string);
	});

	test('but follows where the path alone changes, and is replaced by one that is entered with the URL', async () => {
		const [id = ''] = ids;
		await instance.updateItem(SOURCES, id, { url: `${home}/cms` });
		await waitFor('the other path', () => asked.some((each) => each.startsWith('home /cms/')));
		expect(asked.filter((each) => each.startsWith('elsewhere'))).toEqual([]);
		await instance.updateItem(SOURCES, id, { url: elsewhere, api_key: 'its-own-key' });
		await waitFor('the other host', () => asked.some((each) => each.startsWith('elsewhere')));
	});
});

describe('a listing is refused on save when it', () => {
	test.each([
		['is no list', { collection: 'pages' }, /schema/],
		['lists a system collection', [{ collection: 'directus_users', fields: ['email'] }], /system collection/],
		['lists no field', [{ collection: 'pages', fields: [] }], /fields.*at least one/],
		['has a key that there is not', [{ ...PAGES, where: {} }], /where/],
		['lists a collection twice', [PAGES, PAGES], /twice/],
		['names an event that there is not', [{ ...PAGES, events: ['publish'] }], /events/],
	])('%s', async (_title, schema, words) => {
		const { status, body } = await instance.api<Refused>('POST', `/items/${SOURCES}`, {
			...source('https://example.com'),
			schema,
		});
		expect(status).toBe(400);
		expect(body.errors[0]?.message).toMatch(words);
		expect(await instance.readItems(SOURCES)).toEqual([]);
	});
});

test('redirects are not followed, so that no key or content goes where nobody sent it', async () => {
	const received: string[] = [];
	const behind = await serve((url) => {
		received.push(url);
		return { status: 200, headers: {} };
	});

	for (const status of [301, 302, 303, 307, 308]) {
		const front = await serve((url) => ({ status, headers: { location: `${behind}${url}` } }));
		const { id } = await instance.createItem(SOURCES, source(front));
		await waitFor(`the refusal of ${status}`, async () =>
			/redirects are not followed/.test(await lastError(id as string)),
		);
		expect(await lastError(id as string)).toContain(behind);
		await instance.deleteItem(SOURCES, id as string);
	}
	expect(received).toEqual([]);
});

test('what is no Data Sync is told apart from what is down', async () => {
	const page = await serve(() => ({ status: 200, headers: { 'content-type': 'text/html' } }));
	const missing = await serve(() => ({ status: 404, headers: {} }));
	const limited = await serve(() => ({ status: 429, headers: { 'retry-after': '1' } }));
	for (const [url, words] of [
		[page, /no Data Sync of this version/],
		[missing, /no Data Sync at/],
		[limited, /asks to wait/],
		[instance.url, /refuses the API key/],
		['http://nowhere.invalid', /can't be reached/],
	] as const) {
		const { id } = await instance.createItem(SOURCES, source(url));
		await waitFor(`the error of ${url}`, async () => words.test(await lastError(id as string)));
		await instance.deleteItem(SOURCES, id as string);
	}
});

test('addresses that IMPORT_IP_DENY_LIST forbids are never connected to', async () => {
	let connections = 0;
	const local = await serve(() => ({ status: 200, headers: {} }));
	servers.at(-1)?.on('connection', () => {
		connections += 1;
	});
	const { port } = new URL(local);
	// Directus' own default, which forbids all addresses of the machine itself.
	instance.env.IMPORT_IP_DENY_LIST = '0.0.0.0,169.254.169.254';
	await instance.stop();
	await instance.start();

	for (const url of [local, `http://localhost:${port}`, `http://[::1]:${port}`, 'http://169.254.169.254']) {
		const { id } = await instance.createItem(SOURCES, source(url));
		await waitFor(`the refusal of ${url}`, async () =>
			/IMPORT_IP_DENY_LIST forbids/.test(await lastError(id as string)),
		);
		await instance.deleteItem(SOURCES, id as string);
	}
	expect(connections).toBe(0);
});

async function lastError(id: string): Promise<string> {
	return String((await instance.readItem(SOURCES, id))?.last_error ?? '');
}

async function serve(answer: (url: string) => { status: number; headers: Record<string, string> }): Promise<string> {
	const server = createServer((request, response) => {
		request.resume();
		const { status, headers } = answer(request.url ?? '/');
		response.writeHead(status, headers).end('<p>Hello</p>');
	});
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
