/** What the database does to the rows that refer to a deleted item: nobody has written that, and all nodes hold the same. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item, Key } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { allow, connect, type ListingInput, setStatus } from '../support/data-sync.ts';
import { reference, text, textKey, uuidKey } from '../support/fields.ts';
import type { Instance } from '../support/instance.ts';
import { createPair } from '../support/pair.ts';
import { manyToOne } from '../support/relations.ts';
import { waitFor } from '../support/wait-for.ts';

const pair = createPair('sqlite', 'postgres');
const LISTING: ListingInput[] = [
	{ collection: 'pages', fields: ['title'] },
	{ collection: 'notes', fields: ['text', 'page'] },
	{ collection: 'parts', fields: ['text', 'page'] },
	{ collection: 'words', fields: ['text', 'part'] },
];
const COLLECTIONS = LISTING.map(({ collection }) => collection);

let north: Instance;
let south: Instance;
let sources: { north: string; south: string };

beforeAll(async () => {
	[north, south] = await pair.start();
	for (const instance of [north, south]) {
		await instance.createCollection('pages', [textKey('slug'), text('title')]);
		await instance.createCollection('notes', [uuidKey(), text('text'), reference('page', 'string')]);
		await instance.createCollection('parts', [uuidKey(), text('text'), reference('page', 'string')]);
		await instance.createCollection('words', [uuidKey(), text('text'), reference('part', 'uuid')]);
		await manyToOne(instance, { collection: 'notes', field: 'page', to: 'pages', onDelete: 'SET NULL' });
		await manyToOne(instance, { collection: 'parts', field: 'page', to: 'pages', onDelete: 'CASCADE' });
		await manyToOne(instance, { collection: 'words', field: 'part', to: 'parts', onDelete: 'CASCADE' });
		await allow(instance, COLLECTIONS);
	}
	sources = { north: await connect(north, south, LISTING), south: await connect(south, north, LISTING) };
});
afterAll(() => pair.end());

async function delivered(): Promise<void> {
	for (const instance of [north, south, north]) await waitUntilDelivered(instance);
}

async function expectEqual(): Promise<void> {
	await delivered();
	for (const collection of COLLECTIONS) {
		const [here, there] = await Promise.all(
			[north, south].map((each) => each.readItems(collection, { sort: collection === 'pages' ? 'slug' : 'id' })),
		);
		expect(there, collection).toEqual(here);
	}
}

describe.each(['north', 'south'] as const)('deleted in the %s', (name) => {
	const here = () => (name === 'north' ? north : south);
	const there = () => (name === 'north' ? south : north);
	const create = async (collection: string, values: Item): Promise<Key> =>
		(await here().createItem(collection, values))[collection === 'pages' ? 'slug' : 'id'] as Key;
	const slug = (of: string) => `${of} ${name}`;

	test('what is related anew after its parent was deleted arrives, though the database has emptied it', async () => {
		await create('pages', { slug: slug('old'), title: 'Old' });
		await create('pages', { slug: slug('new'), title: 'New' });
		const note = await create('notes', { text: 'A note', page: slug('old') });
		await delivered();

		await here().deleteItem('pages', slug('old'));
		await waitFor('the page to be gone', async () => (await there().readItem('pages', slug('old'))) === null);
		await delivered();
		await here().updateItem('notes', note, { page: slug('new') });
		await expectEqual();
		expect(await there().readItem('notes', note)).toMatchObject({ page: slug('new') });
	});

	test('a page that was deleted and made again while the remote was away has lost there what it has lost here', async () => {
		await create('pages', { slug: slug('again'), title: 'First' });
		const note = await create('notes', { text: 'A note', page: slug('again') });
		const part = await create('parts', { text: 'A part', page: slug('again') });
		const word = await create('words', { text: 'A word', part });
		await delivered();

		await setStatus(here(), sources[name], 'draft');
		await here().deleteItem('pages', slug('again'));
		await create('pages', { slug: slug('again'), title: 'Second' });
		await setStatus(here(), sources[name], 'published');
		await expectEqual();
		expect(await there().readItem('pages', slug('again'))).toMatchObject({ title: 'Second' });
		expect(await there().readItem('notes', note)).toMatchObject({ text: 'A note', page: null });
		expect(await there().readItem('parts', part)).toBeNull();
		expect(await there().readItem('words', word)).toBeNull();
	});

	test('an item that was related to the deleted page elsewhere meanwhile is sent without it, and nothing else of it is lost', async () => {
		await create('pages', { slug: slug('gone'), title: 'Gone' });
		await create('pages', { slug: slug('stays'), title: 'Stays' });
		const note = await create('notes', { text: 'A note', page: slug('stays') });
		await delivered();

		await setStatus(here(), sources[name], 'draft');
		await here().updateItem('notes', note, { page: slug('gone') });
		await here().deleteItem('pages', slug('gone'));
		await there().updateItem('notes', note, { text: 'Edited there' });
		await setStatus(here(), sources[name], 'published');
		await expectEqual();
		expect(await there().readItem('notes', note)).toMatchObject({ text: 'Edited there', page: null });
	});
});
