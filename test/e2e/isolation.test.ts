/**
 * What a remote refuses is refused alone: one delivery for each item, with words that say what to do, and nothing else is
 * kept waiting. On a remote with SQLite and one with PostgreSQL, which put their refusals in different words.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { createContent, PAGES, TICKETS } from '../support/content.ts';
import { allow, connect, DELIVERIES, type ListingInput, resync, SOURCES } from '../support/data-sync.ts';
import { field, text, uuidKey } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';

const LISTING: ListingInput[] = [
	PAGES,
	TICKETS,
	{ collection: 'codes', fields: ['code', 'name'] },
	{ collection: 'forms', fields: ['name'] },
	{ collection: 'wide', fields: ['name', 'extra'] },
	{ collection: 'absent', fields: ['name'] },
];

let postgres: Postgres;
let sender: Instance;
let receivers: Instance[];
let sources: string[];
let form: string;
let wide: string;
let absent: string;
let code: string;

beforeAll(async () => {
	postgres = await startPostgres();
	sender = await startInstance({ name: 'sender' });
	receivers = [
		await startInstance({ name: 'on SQLite' }),
		await startInstance({ name: 'on PostgreSQL', database: { postgres } }),
	];
	await Promise.all([sender, ...receivers].map(createContent));
	await sender.createCollection('codes', [uuidKey(), text('code'), text('name')]);
	await sender.createCollection('forms', [uuidKey(), text('name')]);
	await sender.createCollection('wide', [uuidKey(), text('name'), text('extra')]);
	await sender.createCollection('absent', [uuidKey(), text('name')]);

	for (const receiver of receivers) {
		const startsWithCapital = { _and: [{ title: { _regex: '^[A-Z]' } }] };
		await receiver.data('PATCH', '/fields/pages/title', { meta: { validation: startsWithCapital } });
		await receiver.createCollection('codes', [
			uuidKey(),
			field('code', 'string', { interface: 'input' }, { is_unique: true }),
			text('name'),
		]);
		await receiver.createCollection('forms', [
			uuidKey(),
			text('name'),
			field('owner', 'string', { interface: 'input', required: true }, { is_nullable: false }),
		]);
		await receiver.createCollection('wide', [uuidKey(), text('name')]);
		await receiver.createItem('codes', { code: 'taken', name: 'Theirs' });
		await receiver.createItem('tickets', { title: 'Theirs' });
		await allow(receiver, ['pages', 'tickets', 'codes', 'forms', 'wide']);
	}
	sources = [];
	for (const receiver of receivers) sources.push(await connect(sender, receiver, LISTING));
}, 400_000);

afterAll(async () => {
	await Promise.all([sender, ...receivers].map((instance) => instance.destroy()));
	await postgres.stop();
});

test('every kind of refusal becomes one delivery that says what to do, and all the rest arrives', async () => {
	await sender.createItems('pages', [
		{ slug: 'before', title: 'Before' },
		{ slug: 'invalid', title: 'without a capital' },
		{ slug: 'after', title: 'After' },
	]);
	await sender.createItem('tickets', { title: 'Ours' });
	await sender.createItem('tickets', { title: 'The next one' });
	code = (await sender.createItem('codes', { code: 'taken', name: 'Ours' })).id as string;
	await sender.createItem('codes', { code: 'free', name: 'Ours' });
	form = (await sender.createItem('forms', { name: 'Without an owner' })).id as string;
	wide = (await sender.createItem('wide', { name: 'Known', extra: 'Unknown there' })).id as string;
	absent = (await sender.createItem('absent', { name: 'Unknown there' })).id as string;
	await sender.createItem('pages', { slug: 'last', title: 'Last' });

	const expected: Record<string, [string, string, RegExp]> = {
		absent: [absent, 'unknown_collection', /no collection "absent" here\. Create it on the remote, or take it out/],
		codes: [code, 'not_unique', /has to be unique.* change one of the two/],
		forms: [form, 'invalid_value', /owner.* Change the item, or the field's rules there/],
		pages: ['invalid', 'invalid_value', /title.* Change the item, or the field's rules there/],
		tickets: ['1', 'key_conflict', /Another item already has the key 1 .*Nothing was overwritten\. .*use UUID keys/],
		wide: [wide, 'unknown_field', /no field "extra" on the remote; the other fields were applied\. Create it there/],
	};
	for (const [index, source] of sources.entries()) {
		const rows = await refused(source, Object.keys(expected).length);
		for (const row of rows) {
			const [item, wanted, message] = expected[row.collection as string] as [string, string, RegExp];
			expect(row).toMatchObject({
				item,
				code: wanted,
				status: 'failed',
				attempts: 1,
				message: expect.stringMatching(message),
			});
			expect(new Date(row.next_attempt_at as string).getTime()).toBeGreaterThan(Date.now() + 30 * 60_000);
		}

		const receiver = receivers[index] as Instance;
		for (const slug of ['before', 'after', 'last']) await waitFor(slug, () => receiver.readItem('pages', slug));
		expect(await receiver.readItem('tickets', 2)).toMatchObject({ title: 'The next one' });
		expect(await receiver.readItem('wide', wide)).toMatchObject({ name: 'Known' });
		expect(await receiver.readItem('pages', 'invalid')).toBeNull();
		expect((await receiver.readItems('codes', { sort: 'code' })).map(({ code, name }) => [code, name])).toEqual([
			['free', 'Ours'],
			['taken', 'Theirs'],
		]);
		expect(await receiver.readItem('tickets', 1)).toMatchObject({ title: 'Theirs' });
	}
	expect(await sender.readItem('tickets', 1)).toMatchObject({ title: 'Ours' });
	for (const row of await sender.readItems(SOURCES)) expect(row.last_error).toBeNull();
});

test('an update that breaks a rule leaves the item as it was, and nothing else waits for it', async () => {
	await sender.updateItem('pages', 'before', { title: 'now without a capital' });
	await sender.updateItem('pages', 'after', { title: 'Edited' });
	for (const [index, receiver] of receivers.entries()) {
		await waitFor('the other', async () => (await receiver.readItem('pages', 'after'))?.title === 'Edited');
		expect(await refused(sources[index] as string, 7)).toMatchObject([{}, {}, {}, { item: 'before' }, {}, {}, {}]);
		expect(await receiver.readItem('pages', 'before')).toMatchObject({ title: 'Before' });
	}
});

test('a newer edit takes the place of what was refused', async () => {
	await sender.updateItem('codes', code, { code: 'another' });
	await sender.updateItem('pages', 'before', { title: 'With a capital' });
	for (const [index, receiver] of receivers.entries()) {
		await refused(sources[index] as string, 5);
		expect(await receiver.readItem('codes', code)).toMatchObject({ code: 'another', name: 'Ours' });
		expect(await receiver.readItem('pages', 'before')).toMatchObject({ title: 'With a capital' });
	}
});

test('saving the source sends everything again that was refused: what is mended by then arrives', async () => {
	for (const receiver of receivers) {
		await receiver.data('PATCH', '/fields/pages/title', { meta: { validation: null } });
		await receiver.createCollection('absent', [uuidKey(), text('name')]);
		await allow(receiver, ['absent']);
	}
	for (const source of sources) await sender.updateItem(SOURCES, source, { name: 'Saved' });
	for (const [index, receiver] of receivers.entries()) {
		const left = await refused(sources[index] as string, 3);
		expect(left.map(({ collection }) => collection)).toEqual(['forms', 'tickets', 'wide']);
		for (const { attempts } of left) expect(attempts).toBeGreaterThan(1);
		expect(await receiver.readItem('pages', 'invalid')).toMatchObject({ title: 'without a capital' });
		expect(await receiver.readItem('absent', absent)).toMatchObject({ name: 'Unknown there' });
	}
});

test('what was mended at the remote arrives by itself when its time has come', async () => {
	for (const receiver of receivers) {
		await receiver.data('PATCH', '/fields/forms/owner', { meta: { required: false }, schema: { is_nullable: true } });
	}
	for (const { id } of await deliveries({ collection: { _eq: 'forms' } })) {
		await sender.updateItem(DELIVERIES, id as string, { next_attempt_at: new Date(0).toISOString() });
	}
	for (const [index, receiver] of receivers.entries()) {
		await refused(sources[index] as string, 2);
		expect(await receiver.readItem('forms', form)).toMatchObject({ name: 'Without an owner' });
	}
});

test('a field that is created at the remote gets its values by a resync of the deliveries', async () => {
	for (const receiver of receivers) await receiver.data('POST', '/fields/wide', text('extra'));
	const found = await deliveries({ collection: { _eq: 'wide' } });
	await resync(
		sender,
		DELIVERIES,
		found.map(({ id }) => id as string),
	);
	for (const [index, receiver] of receivers.entries()) {
		await refused(sources[index] as string, 1);
		expect(await receiver.readItem('wide', wide)).toMatchObject({ name: 'Known', extra: 'Unknown there' });
	}
});

const deliveries = (filter: Item): Promise<Item[]> => sender.readItems(DELIVERIES, { filter, sort: 'collection,item' });

/** Waits until the source has just so many deliveries; in the order of their collections and items. */
async function refused(source: string, count: number): Promise<Item[]> {
	return waitFor(`${count} deliveries`, async () => {
		const rows = await deliveries({ source: { _eq: source } });
		if (rows.length !== count) throw new Error(JSON.stringify([rows, await sender.readItems(SOURCES)]));
		return rows;
	});
}
