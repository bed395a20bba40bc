/** A filter that can't be used: refused when it is entered, and where it breaks later, the business of its source alone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { createContent, PAGES, TICKETS } from '../support/content.ts';
import { allow, connect, giveToken, SOURCES } from '../support/data-sync.ts';
import { integer } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

const ARTICLES = { collection: 'articles', fields: ['title'] };
const RATED = { rating: { _gte: 3 } };

let sender: Instance;
let filtered: Instance;
let open: Instance;

beforeAll(async () => {
	[sender, filtered, open] = await Promise.all([
		startInstance({ name: 'sender' }),
		startInstance({ name: 'filtered' }),
		startInstance({ name: 'open' }),
	]);
	await Promise.all([sender, filtered, open].map(createContent));
	await Promise.all([filtered, open].map((each) => allow(each, ['articles', 'pages', 'tickets'])));
});

afterAll(() => Promise.all([sender, filtered, open].map((each) => each.destroy())));

describe('when a source is saved', () => {
	const save = async (filter: object, status = 'draft') => {
		const schema = [PAGES, { ...ARTICLES, filter }];
		const source = { name: 'Tried', url: filtered.url, api_key: await giveToken(filtered), status, schema };
		return sender.api<{ errors?: { message: string }[] }>('POST', `/items/${SOURCES}`, source);
	};

	test.each([
		['a field that is not there', { mood: { _eq: 'good' } }, /mood/],
		['a relation that is not there', { editor: { name: { _eq: 'Ann' } } }, /editor/],
		['a field that the related collection does not have', { author: { mood: { _eq: 'good' } } }, /mood/],
		['an operator that there is not', { title: { _resembles: 'x' } }, /_resembles/],
		['an operator of other types', { rating: { _contains: 'x' } }, /_contains/],
		['a value of another type', { rating: { _gte: 'many' } }, /numeric/i],
		['a range with one end, which would let everything pass', { rating: { _between: [1] } }, /_between/],
		['a field without a rule, which would let everything pass', { title: {} }, /title/],
		['parts that are no list', { _and: { title: { _eq: 'x' } } }, /_and/],
	])('%s is refused, in a draft as well, with a sentence that names the entry', async (_what, filter, hint) => {
		for (const status of ['draft', 'published']) {
			const { status: answer, body } = await save(filter, status);
			expect(answer, JSON.stringify(body)).toBe(400);
			expect(body.errors?.[0]?.message).toMatch(/filter of "articles"/);
			expect(body.errors?.[0]?.message).toMatch(hint);
		}
	});

	test.each([
		['an empty one, as the Studio saves it', { _and: [] }],
		['times that move', { published_at: { _lt: '$NOW(-1 day)' } }],
		['relations', { author: { name: { _eq: 'Ann' } } }],
		['several rules for a field', { rating: { _gte: 1, _lt: 3 } }],
	])('%s is taken', async (_what, filter) => {
		const { status, body } = await save(filter);
		expect(status, JSON.stringify(body)).toBe(200);
		await sender.deleteItem(SOURCES, (body as unknown as { data: { id: string } }).data.id);
	});
});

describe('when the field of a filter is deleted later', () => {
	let broken: string;
	let draft: string;
	let whole: string;

	beforeAll(async () => {
		const rated = { ...ARTICLES, filter: RATED };
		broken = await connect(sender, filtered, [rated]);
		draft = await connect(sender, filtered, [rated, { ...TICKETS, filter: { secret: { _eq: 'no' } } }], {
			name: 'draft',
			status: 'draft',
		});
		whole = await connect(sender, open, [ARTICLES, PAGES, TICKETS]);
		const { id } = await sender.createItem('articles', { title: 'Before', rating: 5 });
		await arrives(filtered, 'articles', id as string, { title: 'Before' });
		await arrives(open, 'articles', id as string, { title: 'Before' });
		await waitFor(
			'all to be synced',
			async () => (await stateOf(broken)) === 'synced' && (await stateOf(whole)) === 'synced',
		);
		await sender.data('DELETE', '/fields/articles/rating');
		await sender.data('DELETE', '/fields/tickets/secret');
	});

	test('nobody is told that all is synced, with nothing written either', async () => {
		const status = await waitFor('the error', async () => {
			const found = await statusOf(broken);
			return found.state !== 'synced' && found;
		});
		expect(status).toMatchObject({
			state: 'misconfigured',
			error: expect.stringMatching(/filter of "articles".*rating/),
		});
		expect(await statusOf(draft)).toMatchObject({
			state: 'paused',
			error: expect.stringMatching(/filter of "articles"/),
		});
		expect(await statusOf(whole)).toMatchObject({ state: 'synced', error: null });
	});

	test('the other sources go on, with the same collection and all others', async () => {
		const { id } = await sender.createItem('articles', { title: 'Meanwhile' });
		const { id: ticket } = await sender.createItem('tickets', { title: 'Meanwhile' });
		await sender.createItem('pages', { slug: 'meanwhile', title: 'Meanwhile' });
		await arrives(open, 'pages', 'meanwhile', { title: 'Meanwhile' });
		await arrives(open, 'tickets', ticket as number, { title: 'Meanwhile' });
		await arrives(open, 'articles', id as string, { title: 'Meanwhile' });
		await waitFor('the source to fail', async () => (await stateOf(broken)) === 'failing');
		await waitFor('all to be settled', async () => (await statusOf(broken)).unsettled === 0);
		expect(await statusOf(broken)).toMatchObject({
			error: expect.stringMatching(/filter of "articles".*rating/),
			unsettled: 0,
		});
		expect((await filtered.readItems('articles')).map(({ title }) => title)).toEqual(['Before']);
		await waitFor('the other to be synced', async () => (await stateOf(whole)) === 'synced');
	});

	test('the source can still be edited, paused and published again', async () => {
		const schema = [{ ...ARTICLES, filter: RATED }];
		await sender.updateItem(SOURCES, broken, { name: 'Renamed' });
		await sender.updateItem(SOURCES, broken, { status: 'draft', schema });
		await sender.updateItem(SOURCES, broken, { status: 'published', schema });
		const worse = [{ ...ARTICLES, filter: { rating: { _gte: 4 } } }];
		expect(await sender.api('PATCH', `/items/${SOURCES}/${broken}`, { schema: worse })).toMatchObject({ status: 400 });
	});

	test('with the field back, what was written meanwhile arrives without anybody touching the source', async () => {
		await sender.data('POST', '/fields/articles', integer('rating'));
		const [meanwhile] = await sender.readItems('articles', { filter: { title: { _eq: 'Meanwhile' } } });
		await sender.sql('update articles set rating = 4');
		await arrives(filtered, 'articles', meanwhile?.id as string, { title: 'Meanwhile' });
		await waitFor('it to be synced', async () => (await stateOf(broken)) === 'synced');
	});
});

describe('when the items of a collection cannot be read', () => {
	test('those of the others go on, and the status tells what is unsettled and why', async () => {
		const source = (await sender.readItems(SOURCES, { filter: { name: { _eq: 'open' } } }))[0]?.id as string;
		await sender.createItem('pages', { slug: 'unreadable', title: 'One' });
		await arrives(open, 'pages', 'unreadable', { title: 'One' });
		await sender.sql('alter table pages rename to pages_elsewhere');
		await sender.sql(
			"update data_sync_changes set touched = (select clock from data_sync_state) where item = 'unreadable'",
		);
		const { id } = await sender.createItem('tickets', { title: 'Goes on' });
		await arrives(open, 'tickets', id as number, { title: 'Goes on' });
		const status = await statusOf(source);
		expect(status).toMatchObject({ state: 'failing', unsettled: 1, error: expect.stringMatching(/"pages"/) });
		await sender.sql('alter table pages_elsewhere rename to pages');
		await waitFor('all to be synced', async () => (await stateOf(source)) === 'synced');
	});
});

const statusOf = async (source: string): Promise<Item> => {
	const { body } = await sender.api<{ data: { sources: Item[] } }>('GET', '/data-sync/status');
	return body.data.sources.find((each) => each.source === source) ?? {};
};

const stateOf = async (source: string): Promise<unknown> => (await statusOf(source)).state;

async function arrives(instance: Instance, collection: string, key: string | number, values: Item): Promise<void> {
	await waitFor(`${collection} ${key} to arrive at ${instance.name}`, async () => {
		expect(await instance.readItem(collection, key)).toMatchObject(values);
		return true;
	});
}
