/** Who wrote and when, along a chain of three instances of which the middle one does not know everybody. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { allow, connect, DATA_SYNC_USER, resync } from '../support/data-sync.ts';
import { field, reference, text, timestamp, uuidKey } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

const AUTHORSHIP = ['user_created', 'user_updated', 'date_created', 'date_updated'];
const LISTING = [
	{ collection: 'notes', fields: ['title', 'body', 'owner', ...AUTHORSHIP] },
	{ collection: 'memos', fields: ['title'] },
];

let postgres: Postgres;
let first: Instance;
let middle: Instance;
let last: Instance;
let chain: Instance[];
let toMiddle: RecordingProxy;
/** The token and the ids of a person whom only the ends know, under one e-mail address. */
const ada = { token: 'ada-token-0123456789', email: 'Ada@Example.com', first: '', last: '' };

beforeAll(async () => {
	postgres = await startPostgres();
	chain = await Promise.all([
		startInstance({ name: 'first', database: { postgres } }),
		startInstance({ name: 'middle', env: { TZ: 'America/New_York' } }),
		startInstance({ name: 'last', database: { postgres }, env: { TZ: 'Asia/Kolkata' } }),
	]);
	[first, middle, last] = chain as [Instance, Instance, Instance];
	toMiddle = await startRecordingProxy(() => middle.url);

	for (const instance of chain) {
		for (const collection of ['notes', 'memos']) await createNotes(instance, collection);
		await allow(instance, ['notes', 'memos']);
	}

	ada.first = await createAuthor(first, ada.email, ada.token);
	ada.last = await createAuthor(last, ada.email.toLowerCase(), ada.token);
	await connect(first, middle, LISTING, { url: toMiddle.url });
	await connect(middle, first, LISTING);
	await connect(middle, last, LISTING);
	await connect(last, middle, LISTING);
});

afterAll(async () => {
	for (const instance of chain ?? []) await instance.destroy();
	await toMiddle?.close();
	await postgres?.stop();
});

test('an item keeps who created it and when; a user that an instance does not know is left empty there', async () => {
	const { id } = await first.data<Item>('POST', '/items/notes', { title: 'Created', owner: ada.first }, ada.token);
	const note = await readNote(first, id);
	expect(note).toMatchObject({ user_created: ada.first, user_updated: null, date_updated: null });
	await quiet();
	expect(await readNote(middle, id)).toEqual({ ...note, user_created: null, owner: null });
	expect(await readNote(last, id)).toEqual({ ...note, user_created: ada.last, owner: ada.last });
});

test('and who updated it last and when, also where the update comes from an instance that does not know its creator', async () => {
	const { id } = await first.data<Item>('POST', '/items/notes', { title: 'Created', owner: ada.first }, ada.token);
	await quiet();
	const admin = await Promise.all(chain.map(adminOf));
	expect(admin[0]).not.toBe(admin[1]);
	await middle.updateItem('notes', id as string, { body: 'From the middle' });
	await quiet();

	const note = await readNote(middle, id);
	expect(note).toMatchObject({ body: 'From the middle', user_created: null, owner: null, user_updated: admin[1] });
	expect(note.date_updated).not.toBeNull();
	const atFirst = { user_created: ada.first, owner: ada.first, user_updated: admin[0] };
	expect(await readNote(first, id)).toEqual({ ...note, ...atFirst });
	const atLast = { user_created: ada.last, owner: ada.last, user_updated: admin[2] };
	expect(await readNote(last, id)).toEqual({ ...note, ...atLast });

	await last.data('PATCH', `/items/notes/${id}`, { body: 'From the end' }, ada.token);
	await quiet();
	expect(await readNote(first, id)).toEqual({ ...(await readNote(last, id)), ...who(ada.first) });
	expect(await readNote(middle, id)).toEqual({ ...(await readNote(last, id)), ...who(null) });
});

test('many edits of different fields at the same time end with one date and one author everywhere', async () => {
	const rows = Array.from({ length: 10 }, (_, index) => ({ title: `Note ${index}`, owner: ada.first }));
	const ids = (await first.createItems('notes', rows)).map(({ id }) => id as string);
	await quiet();

	for (let round = 0; round < 3; round += 1) {
		await Promise.all([
			first.data('PATCH', '/items/notes', { keys: ids, data: { title: `Round ${round}` } }, ada.token),
			middle.data('PATCH', '/items/notes', { keys: ids, data: { owner: null } }),
			last.data('PATCH', '/items/notes', { keys: ids, data: { body: `Round ${round}` } }, ada.token),
		]);
	}

	await quiet();
	for (const id of ids) {
		const [a, b, c] = await Promise.all(chain.map((instance) => readNote(instance, id)));
		expect(a).toMatchObject({ title: 'Round 2', body: 'Round 2' });
		expect({ ...b, ...who(null) }).toEqual({ ...a, ...who(null) });
		expect({ ...c, ...who(null) }).toEqual({ ...a, ...who(null) });
		const people = [[ada.first, ada.last], await Promise.all([first, last].map(adminOf))];
		expect(people).toContainEqual([a?.user_updated, c?.user_updated]);
	}
});

test('revisions of the receiver hold the item’s dates, and say that the Data Sync user wrote', async () => {
	const { id } = await last.data<Item>('POST', '/items/notes', { title: 'Revised' }, ada.token);
	await quiet();
	await last.data('PATCH', `/items/notes/${id}`, { title: 'Revised again' }, ada.token);
	await quiet();
	const filter = { collection: { _eq: 'notes' }, item: { _eq: id } };
	const fields = 'data,activity.user';
	const revisions = await first.readItems('directus_revisions', { filter, fields, sort: '-id' });
	expect(revisions).toHaveLength(2);
	const note = await readNote(first, id);
	expect(revisions[0]).toMatchObject({
		activity: { user: DATA_SYNC_USER },
		data: { date_updated: note.date_updated, date_created: note.date_created },
	});
});

test('where they are not listed they are the receiver’s own', async () => {
	const before = toMiddle.requests.length;
	const { id } = await first.data<Item>('POST', '/items/memos', { title: 'A memo', owner: ada.first }, ada.token);
	await quiet();
	expect(await readNote(middle, id)).toEqual({});
	const memo = await waitFor('the memo', () => middle.readItem('memos', id as string));
	expect(memo).toMatchObject({ title: 'A memo', owner: null, user_created: DATA_SYNC_USER });
	const origin = await first.readItem('memos', id as string);
	expect(memo.date_created).not.toBe(origin?.date_created);
	const wire = toMiddle.requests.slice(before).map(({ body }) => body.toString('utf8'));
	expect(wire.join()).toContain('A memo');
	expect(wire.join().toLowerCase()).not.toContain(ada.email.toLowerCase());
});

test('telling it all again changes nothing, not even at the instance that left a user empty', async () => {
	const before = await Promise.all(chain.map((instance) => instance.readItems('notes', { sort: 'id' })));
	for (const instance of chain) {
		expect(await resync(instance, 'notes')).toMatchObject({
			sources: expect.arrayContaining([expect.objectContaining({ superseded: 0, failed: 0 })]),
		});
		await quiet();
	}
	expect(await Promise.all(chain.map((instance) => instance.readItems('notes', { sort: 'id' })))).toEqual(before);
});

async function adminOf(instance: Instance): Promise<string> {
	return (await instance.data<Item>('GET', '/users/me')).id as string;
}

const who = (user: string | null) => ({ user_created: user, user_updated: user, owner: user });

/** Forwarding makes new work, so the chain is looked at until nobody has any. */
async function quiet(): Promise<void> {
	for (const instance of [...chain, ...chain, ...chain]) await waitUntilDelivered(instance);
}

async function readNote(instance: Instance, id: unknown): Promise<Item> {
	return (await instance.readItem('notes', id as string)) ?? {};
}

async function createNotes(instance: Instance, collection: string): Promise<void> {
	await instance.createCollection(collection, [
		uuidKey(),
		text('title'),
		text('body'),
		reference('owner', 'uuid'),
		field('user_created', 'uuid', { special: ['user-created'] }),
		field('user_updated', 'uuid', { special: ['user-updated'] }),
		timestamp('date_created', { special: ['date-created'] }),
		timestamp('date_updated', { special: ['date-updated'] }),
	]);

	for (const each of ['owner', 'user_created', 'user_updated']) {
		const relation = {
			collection,
			field: each,
			related_collection: 'directus_users',
			schema: { on_delete: 'SET NULL' },
		};
		await instance.data('POST', '/relations', relation);
	}
}

/** A user who may write notes, and nothing else. */
async function createAuthor(instance: Instance, email: string, token: string): Promise<string> {
	const { id: policy } = await instance.data<Item>('POST', '/policies', { name: 'Authors', app_access: false });
	const { id: user } = await instance.data<Item>('POST', '/users', { email, token, status: 'active' });
	await instance.data('POST', '/access', { user, policy });
	const permissions = ['notes', 'memos'].flatMap((collection) =>
		['create', 'read', 'update'].map((action) => ({ policy, collection, action, fields: ['*'] })),
	);
	await instance.data('POST', '/permissions', permissions);
	return user as string;
}
