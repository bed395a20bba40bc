/** Databases that are copies of each other: content that is alike before any sync, and a copy that wakes up elsewhere. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allow, connect, SOURCES } from '../support/data-sync.ts';
import { longText, text, textKey } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

const COLLECTION = 'pages';
const LISTING = [{ collection: COLLECTION, fields: ['title', 'body'] }];
const PAGE = { id: 'home', title: 'Home', body: 'Welcome' };

let here: Instance;
let there: Instance;
let toThere: string;

beforeAll(async () => {
	[here, there] = await Promise.all([startInstance({ name: 'here' }), startInstance({ name: 'there' })]);

	for (const instance of [here, there]) {
		await instance.createCollection(COLLECTION, [textKey(), text('title'), longText('body')]);
		// Before any source is there, so the feed knows nothing of it.
		await instance.createItem(COLLECTION, PAGE);
		await allow(instance, [COLLECTION]);
	}
});

afterAll(async () => {
	await Promise.all([here, there].map((instance) => instance?.destroy()));
});

test('first edits of an old item, in different fields on two instances, are both kept', async () => {
	toThere = await connect(here, there, LISTING, { status: 'draft' });
	const toHere = await connect(there, here, LISTING, { status: 'draft' });
	await there.updateItem(COLLECTION, PAGE.id, { body: 'Welcome, from there' });
	await here.updateItem(COLLECTION, PAGE.id, { title: 'Home, from here' });
	await here.updateItem(SOURCES, toThere, { status: 'published' });
	await there.updateItem(SOURCES, toHere, { status: 'published' });

	for (const instance of [here, there]) {
		await waitFor(`both edits at ${instance.name}`, async () => {
			const page = await instance.readItem(COLLECTION, PAGE.id);
			return page?.title === 'Home, from here' && page.body === 'Welcome, from there';
		});
	}
});

test('a database that wakes up under another URL has a new identity, pauses its sources and tells the admins', async () => {
	const before = await here.data<{ node: string }>('GET', '/data-sync/info');
	await here.stop();
	here.env.PUBLIC_URL = here.url.replace('127.0.0.1', 'localhost');
	await here.start();

	const after = await here.data<{ node: string }>('GET', '/data-sync/info');
	expect(after.node).not.toBe(before.node);
	expect(await here.readItem(SOURCES, toThere)).toMatchObject({ status: 'draft' });
	const notifications = await here.data<{ subject: string }[]>('GET', '/notifications');
	expect(notifications.filter(({ subject }) => subject.includes('were paused'))).toHaveLength(1);
});

test('a copy that starts again stays as it is', async () => {
	const before = await here.data<{ node: string }>('GET', '/data-sync/info');
	await here.updateItem(SOURCES, toThere, { status: 'published' });
	await here.stop();
	await here.start();
	expect(await here.data('GET', '/data-sync/info')).toMatchObject({ node: before.node });
	expect(await here.readItem(SOURCES, toThere)).toMatchObject({ status: 'published' });
});
