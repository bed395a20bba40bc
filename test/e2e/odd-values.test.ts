/**
 * Values that Directus itself can't read or show, put into the database by other programs, and values that no Directus would
 * send: they fail alone, with words that say what to do, and keep nothing else waiting.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { readBacklog, waitUntilDelivered } from '../support/backlog.ts';
import { CONTENT, createContent } from '../support/content.ts';
import { allow, connect, DELIVERIES, giveToken, SOURCES } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';
import { batch, change } from '../support/wire.ts';

type Answer = { data?: { results: { outcome: string; code?: string }[] }; errors?: { message: string }[] };

let sender: Instance;
let receiver: Instance;

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

/** Columns of articles, and values that Directus' read fails at or can't show. */
const ODD: Record<string, [column: string, value: string | number]> = {
	'no moment': ['published_at', 'garbage'],
	'beyond time': ['published_at', 9e18],
	'nested 3,000 deep': ['tags', nested(3_000)],
	'nested 20,000 deep': ['tags', nested(20_000)],
};

beforeAll(async () => {
	[sender, receiver] = await Promise.all([startInstance({ name: 'sender' }), startInstance({ name: 'receiver' })]);
	await Promise.all([sender, receiver].map(createContent));
	// With revisions, Directus reads the item again before it takes an edit of it, and fails.
	await sender.data('PATCH', '/collections/articles', { meta: { accountability: 'activity' } });
	await allow(
		receiver,
		CONTENT.map(({ collection }) => collection),
	);
	await connect(sender, receiver, CONTENT);
});

afterAll(() => Promise.all([sender, receiver].map((instance) => instance.destroy())));

const odd = new Map<string, string>();

test('what Directus can not read fails alone, by its name, and all else arrives', async () => {
	for (const [name, [column, value]] of Object.entries(ODD)) {
		const id = (await sender.createItem('articles', { title: name })).id as string;
		await waitUntilDelivered(sender);
		odd.set(id, name);
		await sender.sql(`update articles set ${column} = ? where id = ?`, [value, id]);
	}
	for (const id of odd.keys()) {
		await sender.data('PATCH', `/items/articles/${id}?fields=id`, { title: 'Edited' });
		await sender.createItem('articles', { title: `After ${odd.get(id)}` });
	}
	await sender.createItem('pages', { slug: 'last', title: 'Last' });

	const deliveries = await refused(odd.size);
	for (const [index, id] of [...odd.keys()].sort().entries()) {
		expect(deliveries[index]).toMatchObject({ item: id, status: 'failed', code: 'invalid_value' });
		expect(deliveries[index]?.message).toContain(`articles ${id}`);
		expect(await receiver.readItem('articles', id)).toMatchObject({ title: odd.get(id) });
	}
	expect(await receiver.readItem('pages', 'last')).toMatchObject({ title: 'Last' });
	expect(await receiver.readItems('articles', { filter: { title: { _starts_with: 'After' } } })).toHaveLength(odd.size);
	for (const row of await sender.readItems(SOURCES)) expect(row.last_error).toBeNull();
});

test('once it is set right it arrives, and no delivery is left', async () => {
	for (const id of odd.keys()) {
		await sender.sql('update articles set published_at = null, tags = ? where id = ?', ['["right"]', id]);
		await sender.updateItem('articles', id, { title: 'Set right' });
	}
	await waitUntilDelivered(sender);
	for (const id of odd.keys()) {
		expect(await receiver.readItem('articles', id)).toMatchObject({ title: 'Set right', tags: ['right'] });
	}
});

test('what the receiver has and can not read keeps nothing else of a batch from being applied', async () => {
	for (const [id, name] of odd) {
		const [column, value] = ODD[name] ?? ['', ''];
		await receiver.sql(`update articles set ${column} = ? where id = ?`, [value, id]);
	}
	const { id: other } = await sender.createItem('articles', { title: 'Among them' });
	await sender.data(
		'PATCH',
		'/items/articles?fields=id',
		[...odd.keys(), other]
			.map((id) => ({ id, body: 'Edited again' }))
			.sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1)),
	);
	await sender.updateItem('pages', 'last', { title: 'Edited as well' });

	const deliveries = await refused(odd.size);
	for (const { message } of deliveries) expect(message).toMatch(/^articles .*Directus can't read.*Set that right/);
	expect(deliveries.map(({ item }) => item)).toEqual([...odd.keys()].sort());
	expect(await receiver.sql("select id from articles where body = 'Edited again'")).toEqual([{ id: other }]);
	expect(await receiver.readItem('pages', 'last')).toMatchObject({ title: 'Edited as well' });

	await receiver.sql('update articles set published_at = null, tags = null');
	for (const id of odd.keys()) await sender.updateItem('articles', id, { body: 'Edited once more' });
	await waitUntilDelivered(sender);
	expect(await receiver.sql("select id from articles where body = 'Edited once more'")).toHaveLength(odd.size);
});

/** Waits until there are just so many deliveries, all else is settled, and acknowledged; in the order of their items. */
async function refused(count: number): Promise<Item[]> {
	return waitFor(`${count} deliveries, and nothing else on its way`, async () => {
		const rows = await sender.readItems(DELIVERIES, { sort: 'item' });
		const { unsettled, behind } = await readBacklog(sender);
		if (rows.length !== count || unsettled !== 0 || behind.receiver !== 0) {
			throw new Error(JSON.stringify([rows, unsettled, behind]));
		}
		return rows;
	});
}

async function post(text: string): Promise<{ status: number; body: Answer }> {
	const response = await fetch(`${receiver.url}/data-sync/changes`, {
		method: 'POST',
		headers: { authorization: `Bearer ${await giveToken(receiver)}`, 'content-type': 'application/json' },
		body: text,
	});
	return { status: response.status, body: (await response.json()) as Answer };
}

test.each([3_000, 400_000])('a batch with a value nested %d deep is refused by its name', async (levels) => {
	const good = change();
	const body = JSON.stringify(batch([good, change({ fields: { tags: 'deep' } })])).replace('"deep"', nested(levels));
	const answer = await post(body);
	expect(answer.status).toBe(400);
	expect(answer.body.errors?.[0]?.message).toMatch(/changes\.1\.fields\.tags.*nested at most 2000 levels/);
	expect(await receiver.readItem('articles', good.item as string)).toBeNull();
});

test.each([
	['a number that is an object', 'price', '{"toString":1,"valueOf":1}'],
	['a moment that is an object', 'published_at', '{"toString":1}'],
	['a moment beyond time', 'published_at', '1e300'],
	['text that is an object', 'title', '{"toJSON":1}'],
	['JSON with names of JavaScript', 'tags', '{"__proto__":{"toString":1},"constructor":{"prototype":1}}'],
	['JSON nested 2,000 deep', 'tags', nested(2_000)],
])('a batch with %s is answered change by change', async (_title, field, value) => {
	const good = change();
	const bad = change({ fields: { [field]: 'odd' } });
	const answer = await post(JSON.stringify(batch([bad, good])).replace('"odd"', value));
	expect(answer.status, JSON.stringify(answer.body)).toBe(200);
	expect(answer.body.data?.results[1]).toEqual({ outcome: 'applied' });
	expect(answer.body.data?.results[0]?.outcome).toMatch(/applied|failed/);
	expect(await receiver.readItem('articles', good.item as string)).toMatchObject({ title: 'Sent' });
});
