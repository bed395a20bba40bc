/** What an admin is told of a source before it is published: each step when all is well, and when it is not. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { ARTICLES, AUTHORS, createContent, PAGES, TICKETS } from '../support/content.ts';
import {
	allow,
	DATA_SYNC_POLICY,
	giveToken,
	type ListingInput,
	PUSH_FLOW,
	SOURCES,
	setPushFlow,
} from '../support/data-sync.ts';
import { boolean, field, integer, json, longText, reference, text, textKey, uuidKey } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { freePort } from '../support/ports.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { manyToMany, manyToOne } from '../support/relations.ts';

type Found = { status: string; code: string; collection?: string; field?: string; action?: string; message: string };
type Step = Omit<Found, 'collection' | 'field' | 'action'> & {
	step: string;
	hint: string | null;
	findings?: Found[];
	expanded?: Item[];
};
type Report = { source: string; ok: boolean; steps: Step[] };
type Options = { url?: string; key?: string | null; listing?: ListingInput[] };

const STEPS = [
	'url',
	'reachable',
	'tls',
	'redirects',
	'extension',
	'key',
	'user',
	'versions',
	'clock',
	'identity',
	'listing',
	'collections',
	'fields',
	'permissions',
	'payload',
	'keys',
	'references',
	'plan',
];
const EDITOR_TOKEN = 'token-of-an-ordinary-user';
const LISTING = [AUTHORS, ARTICLES, PAGES];

let postgres: Postgres;
let sender: Instance;
let receiver: Instance;
let proxy: RecordingProxy;
let token: string;
let rewrite: (path: string, body: Item) => Item = (_path, body) => body;
const servers: Server[] = [];
const answers: string[] = [];

beforeAll(async () => {
	postgres = await startPostgres();
	[sender, receiver] = await Promise.all([
		startInstance({ name: 'sender' }),
		startInstance({ name: 'receiver', database: { postgres } }),
	]);
	await Promise.all([sender, receiver].map(createContent));
	await Promise.all([sender, receiver].map(createEditor));
	await createDifferences();
	await allow(receiver, [
		'authors',
		'articles',
		'pages',
		'tickets',
		'keyed',
		'things',
		'strict',
		'pictures',
		'directus_files',
	]);
	await allow(receiver, ['forbidden', 'pages_authors'], ['read']);
	token = await giveToken(receiver);
	proxy = await startRecordingProxy(
		() => receiver.url,
		(path, body) => rewrite(path, body),
	);
});

afterAll(async () => {
	for (const server of servers) {
		server.close();
		server.closeAllConnections();
	}
	await proxy.close();
	await Promise.all([sender.destroy(), receiver.destroy()]);
	await postgres.stop();
});

test('a source that will work passes every step, as a draft and between different databases', async () => {
	const report = await check();
	expect(report.steps.map(({ step }) => step)).toEqual(STEPS);
	expect(report.steps.filter(({ status }) => status !== 'ok')).toEqual([]);
	expect(report.ok).toBe(true);
	for (const { message, hint, code } of report.steps) {
		expect(message).toMatch(/^[A-Z].*\.$/);
		expect({ hint, code }).toEqual({ hint: null, code: 'ok' });
	}
});

test('many checks at once answer alike, and leave nothing behind', async () => {
	const id = await createSource({});
	const before = await sender.readItem(SOURCES, id);
	const all = await Promise.all(Array.from({ length: 8 }, () => ask(id)));
	for (const { status, body } of all) expect([status, body.data.ok]).toEqual([200, true]);
	expect(await sender.readItem(SOURCES, id)).toEqual(before);
	await sender.deleteItem(SOURCES, id);
	expect(await receiver.sql('select * from data_sync_changes')).toEqual([]);
});

describe('the connection', () => {
	const redirecting: RequestListener = (_request, response) =>
		response.writeHead(301, { location: `https://elsewhere.example/?t=${token}` }).end();
	const website: RequestListener = (_request, response) =>
		response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Hello</p>');
	const echoing: RequestListener = (request, response) =>
		response
			.writeHead(500, { 'content-type': 'application/json' })
			.end(JSON.stringify({ errors: [{ message: `I was sent ${request.headers.authorization}` }] }));
	const waiting: RequestListener = (_request, response) => response.writeHead(503, { 'retry-after': '1' }).end();

	test.each<[string, string, string, RegExp, () => Promise<Options>]>([
		['an unknown host', 'reachable', 'unknown_host', /no address/, async () => ({ url: 'http://nowhere.invalid' })],
		[
			'a closed port',
			'reachable',
			'connection_refused',
			/Nothing listens/,
			async () => ({ url: `http://127.0.0.1:${await freePort()}` }),
		],
		[
			'an address that is denied',
			'reachable',
			'denied_address',
			/IMPORT_IP_DENY_LIST/,
			async () => ({ url: 'http://169.254.169.254' }),
		],
		[
			'https where there is none',
			'tls',
			'no_tls',
			/does not speak TLS/,
			async () => ({ url: receiver.url.replace('http:', 'https:') }),
		],
		[
			'a redirect',
			'redirects',
			'redirects',
			/elsewhere\.example.*not followed/,
			async () => ({ url: await serve(redirecting) }),
		],
		['a website', 'extension', 'no_data_sync', /no Data Sync/, async () => ({ url: await serve(website) })],
		[
			'another path of Directus',
			'extension',
			'no_data_sync',
			/no Data Sync/,
			async () => ({ url: `${receiver.url}/cms` }),
		],
		['a remote that starts', 'extension', 'not_ready', /asks to wait/, async () => ({ url: await serve(waiting) })],
		[
			'a remote that fails, and repeats what it was sent',
			'extension',
			'remote_failed',
			/I was sent/,
			async () => ({ url: await serve(echoing) }),
		],
		['no key', 'key', 'no_key', /empty/, async () => ({ key: null })],
		['a wrong key', 'key', 'refused', /HTTP 401/, async () => ({ key: 'wrong-key' })],
		['an editor’s key', 'user', 'other_user', /another user/, async () => ({ key: EDITOR_TOKEN })],
		['an admin’s key', 'user', 'other_user', /admin/, async () => ({ key: receiver.adminToken })],
		[
			'our own URL',
			'identity',
			'own_node',
			/this very instance/,
			async () => ({ url: sender.url, key: await giveToken(sender) }),
		],
	])('with %s', async (_title, failing, code, words, options) => {
		const report = await check(await options());
		const at = STEPS.indexOf(failing);
		expect(report.ok).toBe(false);
		for (const [index, step] of report.steps.entries()) {
			if (index < at) expect(step).toMatchObject({ status: 'ok' });
			else if (index === at) expect(step).toMatchObject({ step: failing, status: 'error', code });
			else if (step.step === 'listing') expect(step).toMatchObject({ status: 'ok' });
			else expect(step).toMatchObject({ status: 'not_tried', message: expect.stringContaining(`"${failing}"`) });
		}
		expect(report.steps[at]?.message).toMatch(words);
		expect(report.steps[at]?.hint).toMatch(/^[A-Z].*\.$/);
	});

	test('with a URL that is none, put there by SQL', async () => {
		const id = await createSource({});
		await sender.sql(`update ${SOURCES} set url = ? where id = ?`, ['file:///etc/passwd', id]);
		const { body } = await ask(id);
		expect(body.data.steps[0]).toMatchObject({ step: 'url', status: 'error', code: 'bad_url' });
		expect(body.data.steps[1]).toMatchObject({ status: 'not_tried' });
		await sender.deleteItem(SOURCES, id);
	});

	test('with a remote that never answers, in bounded time', async () => {
		const { steps } = await check({ url: await serve(() => {}) });
		expect(steps[1]).toMatchObject({ step: 'reachable', status: 'error', code: 'no_answer' });
	});
});

describe('the remote as a node', () => {
	const infoWith =
		(changes: (data: Item) => Item): typeof rewrite =>
		(path, body) =>
			path === '/data-sync/info' ? { data: { ...(body.data as Item), ...changes(body.data as Item) } } : body;

	test.each<[string, string, string, string, RegExp, (data: Item) => Item]>([
		['another protocol', 'versions', 'error', 'other_protocol', /protocol 2/, () => ({ protocol: 2, node: 'new' })],
		['another Data Sync', 'versions', 'warning', 'other_version', /Data Sync 9\.1\.0/, () => ({ version: '9.1.0' })],
		[
			'another Directus',
			'versions',
			'warning',
			'other_directus',
			/Directus 11\.17\.0/,
			() => ({ directus: '11.17.0' }),
		],
		['a clock a minute ahead', 'clock', 'warning', 'clock_offset', /ahead/, () => ({ now: Date.now() + 60_000 })],
		['a clock a minute behind', 'clock', 'warning', 'clock_offset', /behind/, () => ({ now: Date.now() - 60_000 })],
		['a clock ten minutes ahead', 'clock', 'error', 'clock_too_far', /refused/, () => ({ now: Date.now() + 600_000 })],
		['a clock ten minutes behind', 'clock', 'error', 'clock_too_far', /refused/, () => ({ now: Date.now() - 600_000 })],
		[
			'little room for requests',
			'payload',
			'warning',
			'small_payload',
			/MAX_PAYLOAD_SIZE/,
			() => ({ limits: { payload: 102_400, changes: 1000 } }),
		],
	])('with %s', async (_title, name, status, code, words, changes) => {
		rewrite = infoWith(changes);
		const report = await check({ url: proxy.url });
		const step = report.steps.find((each) => each.step === name);
		expect(step).toMatchObject({ status, code });
		expect(step?.message).toMatch(words);
		expect(report.ok).toBe(status === 'warning');
		const others = report.steps.filter((each) => each.step !== name).map((each) => each.status);
		expect(new Set(others)).toEqual(new Set(code === 'other_protocol' ? ['ok', 'not_tried'] : ['ok']));
	});

	test('with an item that is larger than it takes', async () => {
		await sender.createItem('articles', { title: 'Large', body: 'x'.repeat(150_000) });
		rewrite = infoWith(() => ({ limits: { payload: 102_400, changes: 1000 } }));
		expect(stepOf(await check({ url: proxy.url }), 'payload')).toMatchObject({
			status: 'error',
			code: 'item_too_large',
			findings: [{ collection: 'articles' }],
		});
	});

	test.each<[string, string, (path: string, body: Item) => Item]>([
		['shapes', 'collections', (path, body) => (path === '/data-sync/shapes' ? { data: { shapes: [{}] } } : body)],
		['permissions', 'permissions', (path, body) => (path === '/permissions/me' ? { data: 'all' } : body)],
	])('with nonsense for %s', async (_title, name, nonsense) => {
		rewrite = nonsense;
		const report = await check({ url: proxy.url });
		expect(report.ok).toBe(false);
		expect(stepOf(report, name)).toMatchObject({ status: 'error', code: 'unanswered' });
		expect(stepOf(report, 'plan')).toMatchObject({ status: 'ok' });
	});
});

describe('what is listed', () => {
	test('an encrypted field is refused when the source is saved, and is an error where it was encrypted later', async () => {
		const refused = createSource({ listing: [{ collection: 'things', fields: ['long', 'password'] }] });
		await expect(refused).rejects.toThrow(/"password" of "things" is encrypted or concealed/);

		const id = await createSource({ listing: [{ collection: 'things', fields: ['wide'] }] });
		await sender.data('PATCH', '/fields/things/wide', { meta: { special: ['encrypt'] } });
		const { body } = await ask(id);
		await sender.data('PATCH', '/fields/things/wide', { meta: { special: null } });
		await sender.deleteItem(SOURCES, id);
		const finding = expect.objectContaining({ code: 'secret_field', collection: 'things', field: 'wide' });
		expect(stepOf(body.data, 'listing')).toMatchObject({ status: 'error', findings: [finding] });
	});

	test('a filter on a field that there is not is refused as well, and is an error where it was put by SQL', async () => {
		const listing: ListingInput[] = [{ ...PAGES, filter: { nothing: { _eq: 1 } } }];
		await expect(createSource({ listing })).rejects.toThrow(/filter of "pages" can't be used/);

		const id = await createSource({});
		await sender.sql(`update ${SOURCES} set schema = ? where id = ?`, [JSON.stringify(listing), id]);
		const { body } = await ask(id);
		await sender.deleteItem(SOURCES, id);
		expect(body.data.ok).toBe(false);
		const step = stepOf(body.data, 'listing');
		expect(step).toMatchObject({ status: 'error', code: 'bad_filter' });
		expect(step.findings).toEqual([
			expect.objectContaining({ status: 'error', code: 'bad_filter', collection: 'pages' }),
		]);
		const others = body.data.steps.filter((each) => each.step !== 'listing' && each.status === 'error');
		expect(others).toEqual([]);
	});

	test.each<[string, string, ListingInput[], Partial<Found>]>([
		[
			'a collection that is nowhere',
			'listing',
			[{ collection: 'nowhere', fields: ['title'] }],
			{ code: 'unknown_collection', collection: 'nowhere' },
		],
		[
			'a field that is not here',
			'listing',
			[{ ...PAGES, fields: ['title', 'nothing'] }],
			{ code: 'unknown_field', collection: 'pages', field: 'nothing' },
		],
		[
			'a collection that is not there',
			'collections',
			[{ collection: 'local', fields: ['title'] }],
			{ code: 'missing_collection', collection: 'local' },
		],
		[
			'a collection of which the remote tells nothing, as there is no permission in it',
			'collections',
			[{ collection: 'hidden', fields: ['title'] }],
			{
				code: 'missing_collection',
				collection: 'hidden',
				message: expect.stringMatching(/no collection "hidden", or its policy "Data Sync" has no permission in it/),
			},
		],
		[
			'a collection with other keys there',
			'collections',
			[{ collection: 'keyed', fields: ['title'] }],
			{ code: 'key_differs', collection: 'keyed' },
		],
		[
			'a field that is not there',
			'fields',
			[{ collection: 'things', fields: ['local'] }],
			{ code: 'missing_field', collection: 'things', field: 'local' },
		],
		[
			'a field of another type there',
			'fields',
			[{ collection: 'things', fields: ['kind'] }],
			{ code: 'type_differs', field: 'kind' },
		],
		[
			'a field that must not be empty there',
			'fields',
			[{ collection: 'things', fields: ['name'] }],
			{ code: 'not_null', field: 'name' },
		],
		[
			'a field that is encrypted there',
			'fields',
			[{ collection: 'things', fields: ['code'] }],
			{ code: 'secret_field', field: 'code' },
		],
		[
			'too little without a field that is required there',
			'fields',
			[{ collection: 'strict', fields: ['title'] }],
			{ code: 'required_field', collection: 'strict', field: 'must' },
		],
		[
			'a collection without any permission to change it there',
			'permissions',
			[{ collection: 'forbidden', fields: ['title'], events: ['delete'] }],
			{ code: 'missing_permission', collection: 'forbidden', action: 'delete' },
		],
		[
			'a collection whose permission the plan ignores',
			'permissions',
			[{ collection: 'ruled', fields: ['title'], events: ['update'] }],
			{ code: 'ignored_permission', collection: 'ruled', action: 'update' },
		],
	])('with %s is an error', async (_title, name, listing, finding) => {
		const report = await check({ listing });
		expect(report.ok).toBe(false);
		const step = stepOf(report, name);
		expect(step).toMatchObject({ status: 'error', code: finding.code });
		expect(step.findings).toEqual([expect.objectContaining({ status: 'error', ...finding })]);
		const others = report.steps.filter((each) => each.step !== name && each.status === 'error');
		expect(others).toEqual([]);
	});

	test.each<[string, string, ListingInput[], Partial<Found>]>([
		[
			'a wider type here',
			'fields',
			[{ collection: 'things', fields: ['wide'] }],
			{ code: 'type_narrower', field: 'wide' },
		],
		[
			'longer texts here',
			'fields',
			[{ collection: 'things', fields: ['long'] }],
			{ code: 'length_smaller', field: 'long' },
		],
		['keys that both count', 'keys', [TICKETS], { code: 'counted_keys', collection: 'tickets' }],
		[
			'a reference to an unlisted collection',
			'references',
			[ARTICLES],
			{ code: 'unlisted_reference', collection: 'articles', field: 'author' },
		],
		[
			'a reference to roles',
			'references',
			[{ collection: 'things', fields: ['owner'] }],
			{ code: 'unsyncable_reference', field: 'owner' },
		],
		[
			'a reference to what is not there',
			'references',
			[{ collection: 'things', fields: ['place'] }],
			{ code: 'unreachable_reference', field: 'place' },
		],
	])('with %s is a warning', async (_title, name, listing, finding) => {
		const report = await check({ listing });
		expect(report.ok).toBe(true);
		expect(stepOf(report, name)).toMatchObject({ status: 'warning', code: finding.code });
		expect(stepOf(report, name).findings).toEqual([expect.objectContaining({ status: 'warning', ...finding })]);
		expect(report.steps.filter((each) => each.step !== name && each.status !== 'ok')).toEqual([]);
	});

	test('is shown with what it stands for, and that is checked as well', async () => {
		const report = await check({ listing: [{ ...PAGES, fields: ['title', 'authors'] }, AUTHORS] });
		const into = { collection: 'pages_authors', fields: ['pages_slug', 'authors_id'] };
		expect(stepOf(report, 'listing')).toMatchObject({
			status: 'ok',
			expanded: [{ collection: 'pages', field: 'authors', into }],
		});
		expect(stepOf(report, 'permissions').findings).toHaveLength(3);
		expect(stepOf(report, 'permissions').findings?.[0]).toMatchObject({
			collection: 'pages_authors',
			action: 'create',
		});
		expect(stepOf(report, 'keys').findings).toMatchObject([{ code: 'counted_keys', collection: 'pages_authors' }]);
	});

	test('may bring files, for which nothing else has to be listed', async () => {
		const report = await check({ listing: [{ collection: 'pictures', fields: ['title', 'image'] }] });
		expect(stepOf(report, 'listing').expanded).toMatchObject([
			{ field: 'image', into: { collection: 'directus_files' } },
		]);
		expect(report.steps.filter(({ status }) => status !== 'ok')).toEqual([]);
	});

	test('and events decide which permissions are needed', async () => {
		const listing: ListingInput[] = [{ collection: 'forbidden', fields: ['title'] }];
		const step = stepOf(await check({ listing }), 'permissions');
		expect(step.findings?.map(({ action }) => action)).toEqual(['create', 'update', 'delete']);
		expect(step.message).toMatch(/2 more/);
	});

	test('with nothing is an error', async () => {
		expect(stepOf(await check({ listing: [] }), 'listing')).toMatchObject({ status: 'error', code: 'nothing_listed' });
	});

	test('with hundreds of faults is told in a bounded answer', async () => {
		const fields = Array.from({ length: 500 }, (_, index) => `nothing_${index}`);
		const step = stepOf(await check({ listing: [{ ...PAGES, fields }] }), 'listing');
		expect(step.findings).toHaveLength(50);
		expect(step).toMatchObject({ more: 450 });
	});
});

test('a push Flow that is inactive is a warning', async () => {
	await setPushFlow(sender, 'inactive');
	expect(stepOf(await check(), 'plan')).toMatchObject({
		status: 'warning',
		code: 'flow_inactive',
		message: expect.stringContaining('push changes'),
	});
	await sender.data('PATCH', `/flows/${PUSH_FLOW}`, { status: 'active' });
});

describe('the check', () => {
	test('is for admins only', async () => {
		const id = await createSource({});
		const own = await giveToken(sender);
		const statuses = await Promise.all(
			[null, 'wrong', EDITOR_TOKEN, own].map(async (as) => (await ask(id, as)).status),
		);
		expect(statuses).toEqual([401, 401, 403, 403]);
		await sender.deleteItem(SOURCES, id);
	});

	test.each(['00000000-0000-4000-8000-000000000000', '__proto__', '%00', "'"])(
		'of no source (%s) is refused',
		async (id) => {
			expect([400, 403]).toContain((await ask(id)).status);
		},
	);

	test('never tells the key, in no answer and no log', async () => {
		expect(answers.length).toBeGreaterThan(30);
		for (const answer of answers) expect(answer).not.toContain(token);
		expect(await sender.log()).not.toContain(token);
		expect(await receiver.log()).not.toContain(token);
	});
});

describe('POST /data-sync/shapes', () => {
	const shapes = (collections: unknown, as: string | null = token, overrides: Item = {}) =>
		receiver.api<{ data: { shapes: Item[] } }>(
			'POST',
			'/data-sync/shapes',
			{ protocol: 1, collections, ...overrides },
			as,
		);

	test('is for the Data Sync user only', async () => {
		const asked = [{ collection: 'pages', fields: [] }];
		const statuses = await Promise.all(
			[null, 'wrong', EDITOR_TOKEN, receiver.adminToken].map(async (as) => (await shapes(asked, as)).status),
		);
		expect(statuses).toEqual([401, 401, 403, 403]);
	});

	test('tells of asked collections and fields only, and of no system collection', async () => {
		const asked = ['pages', 'directus_users', 'data_sync_remote_sources', 'sqlite_master', '__proto__', 'constructor'];
		const fields = ['title', 'toString', '__proto__', 'no_such_field'];
		const { body } = await shapes(asked.map((collection) => ({ collection, fields })));
		expect(body.data.shapes).toEqual([
			{
				collection: 'pages',
				active: true,
				singleton: false,
				key: { field: 'slug', type: 'string', counted: false, length: 255 },
				fields: [
					{
						field: 'title',
						type: 'string',
						nullable: true,
						generated: false,
						secret: false,
						length: 255,
						precision: null,
						scale: null,
					},
				],
				required: [],
				ignored: [],
			},
		]);
	});

	test.each<[string, unknown, Item, RegExp]>([
		['no collections', [], {}, /collections/],
		['too many', Array.from({ length: 26 }, () => ({ collection: 'pages', fields: [] })), {}, /collections/],
		['a name that is too long', [{ collection: 'x'.repeat(65), fields: [] }], {}, /collections\.0\.collection/],
		['too many fields', [{ collection: 'pages', fields: Array(501).fill('a') }], {}, /collections\.0\.fields/],
		['fields that are no list', [{ collection: 'pages', fields: 'title' }], {}, /collections\.0\.fields/],
		['another protocol', [{ collection: 'pages', fields: [] }], { protocol: 2 }, /protocol/],
		['more than it takes', [{ collection: 'pages', fields: [] }], { extra: 1 }, /extra/],
	])('refuses %s', async (_title, collections, overrides, words) => {
		const { status, body } = await shapes(collections, token, overrides);
		expect(status).toBe(400);
		expect(JSON.stringify(body)).toMatch(words);
	});
});

/** Collections that differ between the two, each in its own way. */
async function createDifferences(): Promise<void> {
	const secret = { special: ['encrypt'] };
	const length = (name: string, max_length: number) => field(name, 'string', {}, { max_length });
	const same = [uuidKey(), text('title')];
	await sender.createCollection('local', same);
	await sender.createCollection('keyed', same);
	await receiver.createCollection('keyed', [
		field('id', 'integer', {}, { is_primary_key: true, has_auto_increment: true }),
		text('title'),
	]);
	await sender.createCollection('things', [
		...same,
		field('password', 'text', secret),
		text('local'),
		text('kind'),
		text('name'),
		text('code'),
		longText('wide'),
		length('long', 200),
		reference('owner', 'uuid'),
		reference('place', 'uuid'),
	]);
	await receiver.createCollection('things', [
		...same,
		json('kind'),
		field('name', 'string', {}, { is_nullable: false, default_value: 'None' }),
		field('code', 'text', secret),
		text('wide'),
		length('long', 100),
		reference('owner', 'uuid'),
		reference('place', 'uuid'),
	]);
	const relations = [
		['owner', 'directus_roles'],
		['place', 'local'],
	];
	for (const [name, related_collection] of relations) {
		await sender.data('POST', '/relations', { collection: 'things', field: name, related_collection, schema: {} });
	}
	await sender.createCollection('strict', same);
	await receiver.createCollection('strict', [...same, field('must', 'string', {}, { is_nullable: false })]);
	for (const instance of [sender, receiver]) {
		await instance.createCollection('forbidden', same);
		await instance.createCollection('hidden', same);
		await instance.createCollection('pictures', [...same, reference('image', 'uuid', { special: ['file'] })]);
		await manyToOne(instance, { collection: 'pictures', field: 'image', to: 'directus_files' });
		await manyToMany(instance, {
			from: 'pages',
			alias: 'authors',
			to: 'authors',
			junction: 'pages_authors',
			near: reference('pages_slug', 'string'),
			far: reference('authors_id', 'uuid'),
		});
		await instance.createCollection('ruled', [textKey(), text('title'), boolean('shown'), integer('rank')]);
	}
	// The API of an unlicensed Directus refuses such a permission; one from a former plan stays in the database.
	await receiver.sql('insert into directus_permissions (collection, action, fields, policy) values (?, ?, ?, ?)', [
		'ruled',
		'update',
		'title',
		DATA_SYNC_POLICY,
	]);
}

async function createEditor(instance: Instance): Promise<void> {
	const policy = await instance.data<{ id: string }>('POST', '/policies', { name: 'Editors' });
	const permission = { policy: policy.id, collection: SOURCES, action: 'read', fields: ['*'] };
	await instance.data('POST', '/permissions', permission);
	await instance.data('POST', '/users', {
		email: 'editor@example.com',
		token: EDITOR_TOKEN,
		policies: [{ policy: policy.id }],
	});
}

async function createSource({ url = receiver.url, key = token, listing = LISTING }: Options): Promise<string> {
	const source = { name: 'Checked', url, api_key: key, status: 'draft', schema: listing };
	return (await sender.createItem(SOURCES, source)).id as string;
}

async function ask(id: string, as: string | null = sender.adminToken) {
	const answer = await sender.api<{ data: Report }>('POST', `/data-sync/sources/${id}/check`, undefined, as);
	answers.push(JSON.stringify(answer.body));
	return answer;
}

async function check(options: Options = {}): Promise<Report> {
	const id = await createSource(options);
	const { status, body } = await ask(id);
	await sender.deleteItem(SOURCES, id);
	expect(status).toBe(200);
	expect(body.data.source).toBe(id);
	expect(body.data.steps.map(({ step }) => step)).toEqual(STEPS);
	return body.data;
}

function stepOf(report: Report, name: string): Step {
	const found = report.steps.find(({ step }) => step === name);
	if (!found) throw new Error(`There is no step ${name}`);
	return found;
}

async function serve(answer: RequestListener): Promise<string> {
	const server = createServer(answer);
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
