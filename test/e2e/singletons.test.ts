/** Singletons: one item for all nodes, whatever key its row has on each; with the rows that belong to it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { allow, connect, type ListingInput, resync, setStatus } from '../support/data-sync.ts';
import { autoIncrementKey, boolean, field, longText, reference, text, textKey, uuidKey } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { addAlias, manyToAny, manyToMany, manyToOne } from '../support/relations.ts';
import { waitFor } from '../support/wait-for.ts';

/** Of every kind of key, one made by people among them. */
const SINGLETONS = { home: uuidKey(), imprint: autoIncrementKey(), banner: textKey('code') };
const COLLECTIONS = [...Object.keys(SINGLETONS), 'home_translations', 'home_sections', 'quotes', 'languages', 'links'];
const LISTING: ListingInput[] = [
	{ collection: 'home', fields: ['title', 'lead', 'open', 'translations', 'sections'] },
	{ collection: 'imprint', fields: ['title', 'quote'] },
	{ collection: 'banner', fields: ['title'] },
	{ collection: 'quotes', fields: ['text'] },
	{ collection: 'languages', fields: ['name'] },
	{ collection: 'links', fields: ['label', 'home', 'item', 'collection'], filter: { home: { open: { _eq: true } } } },
];

let postgres: Postgres;
let north: Instance;
let south: Instance;
let proxy: RecordingProxy;
let sources: { north: string; south: string };

beforeAll(async () => {
	postgres = await startPostgres();
	[north, south] = await Promise.all([
		startInstance({ name: 'north' }),
		startInstance({ name: 'south', database: { postgres } }),
	]);
	await Promise.all([north, south].map(createModel));
	await Promise.all([north, south].map((instance) => allow(instance, COLLECTIONS)));
	// Both have been in use: each has a home of its own, and their keys differ.
	await save(north, 'home', { title: 'Of the north', lead: 'North', open: false });
	await save(south, 'home', { title: 'Of the south', lead: 'South', open: false });
	proxy = await startRecordingProxy(() => south.url);
	sources = {
		north: await connect(north, south, LISTING, { url: proxy.url }),
		south: await connect(south, north, LISTING),
	};
}, 300_000);

afterAll(async () => {
	await proxy?.close();
	await Promise.all([north, south].map((instance) => instance?.destroy()));
	await postgres?.stop();
});

async function createModel(instance: Instance): Promise<void> {
	const single = { singleton: true };
	await instance.createCollection('languages', [textKey('code'), text('name')]);
	await instance.createCollection('quotes', [uuidKey(), longText('text')]);
	await instance.createCollection('home', [SINGLETONS.home, text('title'), text('lead'), boolean('open')], single);
	await instance.createCollection('imprint', [SINGLETONS.imprint, text('title'), reference('quote', 'uuid')], single);
	await instance.createCollection('banner', [SINGLETONS.banner, text('title')], single);
	await instance.createCollection('links', [
		uuidKey(),
		text('label'),
		reference('home', 'uuid'),
		field('item', 'string'),
		field('collection', 'string'),
	]);
	await manyToOne(instance, { collection: 'imprint', field: 'quote', to: 'quotes' });
	await addAlias(instance, 'home', 'links', 'o2m');
	await manyToOne(instance, { collection: 'links', field: 'home', to: 'home', alias: 'links' });
	await instance.data('POST', '/relations', {
		collection: 'links',
		field: 'item',
		related_collection: null,
		schema: null,
		meta: { one_collection_field: 'collection', one_allowed_collections: ['imprint', 'quotes'] },
	});
	await manyToMany(instance, {
		from: 'home',
		alias: 'translations',
		special: 'translations',
		to: 'languages',
		junction: 'home_translations',
		near: reference('home_id', 'uuid'),
		far: reference('languages_code', 'string'),
		fields: [text('title')],
		onDelete: 'CASCADE',
	});
	await manyToAny(instance, {
		from: 'home',
		alias: 'sections',
		junction: 'home_sections',
		near: reference('home_id', 'uuid'),
		allowed: ['quotes', 'imprint'],
	});
}

/** As Data Studio saves a singleton: it names no key. */
const save = (instance: Instance, collection: string, values: Item) =>
	instance.data<Item>('PATCH', `/items/${collection}`, values);
const read = (instance: Instance, collection: string, fields = '*') =>
	instance.data<Item>('GET', `/items/${collection}?fields=${encodeURIComponent(fields)}`);
const rowsOf = async (instance: Instance, collection: string) =>
	Number((await instance.sql<{ count: number | string }>(`select count(*) as count from ${collection}`))[0]?.count);
const arrives = (instance: Instance, collection: string, values: Item) =>
	waitFor(`${collection} at ${instance.name}`, async () => {
		expect(await read(instance, collection)).toMatchObject(values);
		return true;
	});
const delivered = async () => {
	for (const instance of [north, south, north]) await waitUntilDelivered(instance);
};

test('an edit reaches the item that the other instance has, under the key that it has there', async () => {
	const [{ id: ofNorth }, { id: ofSouth }] = [await read(north, 'home'), await read(south, 'home')];
	expect(ofNorth).not.toBe(ofSouth);

	await save(north, 'home', { title: 'Welcome' });
	await arrives(south, 'home', { id: ofSouth, title: 'Welcome' });
	await save(south, 'home', { lead: 'From the south' });
	await arrives(north, 'home', { id: ofNorth, title: 'Welcome', lead: 'From the south' });
	await delivered();
	expect([await rowsOf(north, 'home'), await rowsOf(south, 'home')]).toEqual([1, 1]);
	expect(await read(south, 'home')).toMatchObject({ title: 'Welcome', lead: 'From the south' });
});

test.each([
	['imprint', 'a counted key'],
	['banner', 'a key that people choose'],
])('%s, with %s, is created where it is missing, and is one item wherever it is edited next', async (collection) => {
	await save(north, collection, { title: 'First', ...(collection === 'banner' && { code: 'main' }) });
	await arrives(south, collection, { title: 'First' });
	await save(south, collection, { title: 'Second' });
	await arrives(north, collection, { title: 'Second' });
	await delivered();
	expect([await rowsOf(north, collection), await rowsOf(south, collection)]).toEqual([1, 1]);
});

test('what was created on both at the same time becomes one item, without a delivery left', async () => {
	await setStatus(north, sources.north, 'draft');
	await setStatus(south, sources.south, 'draft');
	for (const instance of [north, south]) {
		const [row] = await instance.sql<{ id: number }>('select id from imprint');
		await instance.deleteItem('imprint', row?.id as number);
		await save(instance, 'imprint', { title: `Anew in the ${instance.name}` });
	}
	await setStatus(north, sources.north, 'published');
	await setStatus(south, sources.south, 'published');
	await waitFor('one imprint', async () => {
		await delivered();
		const [here, there] = [await read(north, 'imprint'), await read(south, 'imprint')];
		expect(here.title).toBe(there.title);
		return expect(here.title).toMatch(/^Anew in the/) ?? true;
	});
	expect([await rowsOf(north, 'imprint'), await rowsOf(south, 'imprint')]).toEqual([1, 1]);
});

test('translations and sections belong to the item that each instance has', async () => {
	const [first, second] = await north.createItems('quotes', [{ text: 'One' }, { text: 'Two' }]);
	await north.createItem('languages', { code: 'pt', name: 'Português' });
	const [imprint] = await north.sql<{ id: number }>('select id from imprint');
	await save(north, 'home', {
		translations: [{ languages_code: 'pt', title: 'Início' }],
		sections: [
			{ collection: 'quotes', item: first?.id, sort: 1 },
			{ collection: 'imprint', item: imprint?.id, sort: 2 },
			{ collection: 'quotes', item: second?.id, sort: 3 },
		],
	});
	await delivered();
	const fields =
		'translations.title,sections.sort,sections.collection,sections.item:quotes.text,sections.item:imprint.title';
	const whole = await read(north, 'home', fields);
	expect(whole.sections).toHaveLength(3);
	expect(await read(south, 'home', fields)).toEqual(whole);

	// And back: a row that was made for the one instance's item is edited at the other's.
	const [row] = await south.readItems('home_translations');
	expect(row?.home_id).toBe((await read(south, 'home')).id);
	await south.updateItem('home_translations', row?.id as number, { title: 'Começo' });
	await waitFor('the translation', async () => (await north.readItems('home_translations'))[0]?.title === 'Começo');
	expect((await north.readItems('home_translations'))[0]?.home_id).toBe((await read(north, 'home')).id);
});

test('references to it, and filters that look at it, mean the item that each instance has', async () => {
	const { id: home } = await read(north, 'home');
	const [imprint] = await north.sql<{ id: number }>('select id from imprint');
	const { id } = await north.createItem('links', {
		label: 'Read on',
		home,
		collection: 'imprint',
		item: String(imprint?.id),
	});
	await delivered();
	expect(await south.readItem('links', id as string)).toBeNull();
	await save(north, 'home', { open: true });
	await waitFor('the link to enter', () => south.readItem('links', id as string));
	const [there] = await south.sql<{ id: number }>('select id from imprint');
	expect(await south.readItem('links', id as string)).toMatchObject({
		label: 'Read on',
		home: (await read(south, 'home')).id,
		collection: 'imprint',
		item: String(there?.id),
	});

	await south.updateItem('links', id as string, { label: 'Read more' });
	await waitFor('the label', async () => (await north.readItem('links', id as string))?.label === 'Read more');
	expect(await north.readItem('links', id as string)).toMatchObject({ home, item: String(imprint?.id) });
});

test('a resync by hand sends it, and changes nothing where it is equal', async () => {
	await delivered();
	const before = proxy.batches().length;
	const revisions = await south.sql("select id from directus_revisions where collection = 'home'");
	await resync(north, 'home', [(await read(north, 'home')).id as string]);
	await delivered();
	expect(proxy.batches().length).toBeGreaterThan(before);
	expect(await south.sql("select id from directus_revisions where collection = 'home'")).toHaveLength(revisions.length);
});

test('it can be deleted and made again', async () => {
	await north.deleteItem('banner', 'main');
	await waitFor('the banner to be gone', async () => (await rowsOf(south, 'banner')) === 0);
	await save(south, 'banner', { code: 'other', title: 'Back' });
	await arrives(north, 'banner', { title: 'Back' });
	await delivered();
	expect([await rowsOf(north, 'banner'), await rowsOf(south, 'banner')]).toEqual([1, 1]);
});

test('of two edits of one field the later one stays, and the comment is at the item of each instance', async () => {
	await setStatus(north, sources.north, 'draft');
	await setStatus(south, sources.south, 'draft');
	await save(north, 'home', { title: 'Earlier' });
	await waitFor('the edit to be settled', async () => {
		const [open] = await north.sql<{ count: number }>(
			'select count(*) as count from data_sync_changes where seq is null or touched is not null',
		);
		return Number(open?.count) === 0;
	});
	await save(south, 'home', { title: 'Later' });
	// The loser's first: once the winner is everywhere, nobody tells the south of the other any more.
	await setStatus(north, sources.north, 'published');
	await waitUntilDelivered(north);
	await setStatus(south, sources.south, 'published');
	await arrives(north, 'home', { title: 'Later' });
	for (const instance of [north, south]) {
		const { id } = await read(instance, 'home');
		const filter = { collection: { _eq: 'home' }, item: { _eq: id } };
		await waitFor(`a comment at ${instance.name}`, async () => {
			const [comment] = await instance.readItems('directus_comments', { filter });
			return expect(comment?.comment).toMatch(/"title" was edited here and on .* at the same time/) ?? true;
		});
	}
	await delivered();
});
