/** Concurrent edits: one wins, on both instances; the other is counted, told of at its item, and in the revisions. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { readBacklog, waitUntilDelivered } from '../support/backlog.ts';
import { createContent, PAGES } from '../support/content.ts';
import { allow, connect, DATA_SYNC_USER, resync, SOURCES, setStatus } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';

type Link = { from: Instance; to: Instance; source: string };
type Status = { conflicts: number; lastConflictAt: number | null; sources: Item[] };

let postgres: Postgres;
let north: Instance;
let south: Instance;
let southward: Link;
let northward: Link;

beforeAll(async () => {
	postgres = await startPostgres();
	[north, south] = await Promise.all([
		startInstance({ name: 'north' }),
		startInstance({ name: 'south', database: { postgres } }),
	]);
	await Promise.all([north, south].map(createContent));
	await Promise.all([north, south].map((instance) => allow(instance, ['pages'])));
	await Promise.all(
		[north, south].map((instance) =>
			instance.createCollection('notes', [
				{ field: 'id', type: 'string', meta: { interface: 'input' }, schema: { is_primary_key: true } },
				{ field: 'title', type: 'string', meta: { interface: 'input' }, schema: {} },
				{ field: 'lead', type: 'string', meta: { interface: 'input' }, schema: {} },
			]),
		),
	);
	await Promise.all([north, south].map((instance) => allow(instance, ['notes'])));
	const listing = [PAGES, { collection: 'notes', fields: ['title', 'lead'] }];
	const join = async (from: Instance, to: Instance): Promise<Link> => {
		const admin = (await from.data<{ id: string }>('GET', '/users/me')).id;
		return { from, to, source: await connect(from, to, listing, { notify: [admin] }) };
	};
	southward = await join(north, south);
	northward = await join(south, north);
});

afterAll(async () => {
	await Promise.all([north, south].map((instance) => instance?.destroy()));
	await postgres?.stop();
});

afterEach(() => mend(southward, northward));

const cut = () => Promise.all([southward, northward].map(({ from, source }) => setStatus(from, source, 'draft')));
const mend = async (...links: Link[]) => {
	for (const { from, source } of links) {
		await setStatus(from, source, 'published');
		await waitUntilDelivered(from);
	}
};
/** All edits have their stamps: those that come later get later ones. */
const numbered = (instance: Instance) =>
	waitFor(`${instance.name} to have settled`, async () => {
		const { unnoted, unsettled } = await readBacklog(instance);
		return unnoted + unsettled === 0;
	});
const settled = () => Promise.all([north, south].map((instance) => waitUntilDelivered(instance)));
const status = (instance: Instance) => instance.data<Status>('GET', '/data-sync/status');
const counts = async (): Promise<[north: number, south: number]> => {
	const [ofNorth, ofSouth] = await Promise.all([status(north), status(south)]);
	for (const each of [ofNorth, ofSouth]) {
		// Each has one source, which all of its conflicts come from.
		expect(each.sources[0]?.conflicts).toBe(each.conflicts);
		expect(each.sources[0]?.lastConflictAt ?? null).toBe(each.lastConflictAt);
	}
	return [ofNorth.conflicts, ofSouth.conflicts];
};
const comments = (instance: Instance, collection: string, item: string) =>
	instance.readItems('directus_comments', { filter: { collection: { _eq: collection }, item: { _eq: item } } });
const commentOn = (instance: Instance, collection: string, item: string, like: RegExp) =>
	waitFor(`a comment on ${item} at ${instance.name}`, async () => {
		const found = await comments(instance, collection, item);
		expect(found).toHaveLength(1);
		expect(found[0]?.comment).toMatch(like);
		return found[0];
	});
const noteAt = async (instance: Instance, id: string) => instance.readItem('notes', id);
const everywhere = async (id: string, values: Item) => {
	expect(await noteAt(north, id)).toMatchObject(values);
	expect(await noteAt(south, id)).toMatchObject(values);
};
const create = async (id: string) => {
	await north.createItem('notes', { id, title: 'Start', lead: 'Start' });
	await settled();
	await everywhere(id, { title: 'Start' });
};

test.each<[string, () => [loser: Link, winner: Link]]>([
	['SQLite', () => [southward, northward]],
	['PostgreSQL', () => [northward, southward]],
])('the value that was written on %s and lost is counted, and its item says where it is', async (_, links) => {
	const [{ from: loser, ...lost }, { from: winner, ...won }] = links();
	const id = `lost-at-${loser.name}`;
	await create(id);
	const before = await counts();
	await cut();
	await loser.updateItem('notes', id, { title: 'Earlier' });
	await numbered(loser);
	await winner.updateItem('notes', id, { title: 'Later' });
	await loser.updateItem('notes', id, { lead: 'Edited once' });

	// The losing state is sent over and over; it is one conflict all the same.
	await mend({ from: loser, ...lost });
	await loser.updateItem('notes', id, { lead: 'Edited twice' });
	await waitUntilDelivered(loser);
	await loser.updateItem('notes', id, { lead: 'Edited three times' });
	await waitUntilDelivered(loser);
	const isNorth = loser === north;
	expect(await counts()).toEqual(isNorth ? [before[0], before[1] + 1] : [before[0] + 1, before[1]]);
	const kept = await commentOn(winner, 'notes', id, /"title" was edited here and on .* at the same time/);
	expect(kept?.comment).toMatch(/the one made here \(.* UTC\), is kept everywhere/);
	expect(kept?.comment).toContain(`the one made on ${loser.name}`);

	await mend({ from: winner, ...won });
	await settled();
	await everywhere(id, { title: 'Later', lead: 'Edited three times' });
	expect(await counts()).toEqual([before[0] + 1, before[1] + 1]);

	const told = await commentOn(loser, 'notes', id, /the one made here \(.* UTC\) is in the revisions of this item/);
	expect(told).toMatchObject({ user_created: DATA_SYNC_USER });
	expect(told?.comment).toContain(`the one on ${winner.name} (`);
	const [, revision] = /"title" in revision (\d+)/.exec(String(told?.comment)) ?? [];
	const found = await loser.data<Item>('GET', `/revisions/${revision}`);
	expect(found).toMatchObject({ collection: 'notes', item: id, delta: { title: 'Earlier' } });
});

test('edits of different fields are no conflict', async () => {
	await create('different');
	const before = await counts();
	await cut();
	await north.updateItem('notes', 'different', { title: 'North' });
	await south.updateItem('notes', 'different', { lead: 'South' });
	await mend(southward, northward);
	await settled();
	await everywhere('different', { title: 'North', lead: 'South' });
	expect(await counts()).toEqual(before);
});

test('neither are equal edits, edits one after the other, and resyncs', async () => {
	await create('turns');
	const before = await counts();
	for (const [index, instance] of [north, south, south, north, north, south].entries()) {
		await instance.updateItem('notes', 'turns', { title: `Turn ${index}` });
		await settled();
		await everywhere('turns', { title: `Turn ${index}` });
	}
	for (const instance of [north, south]) await resync(instance, SOURCES);
	await settled();

	await cut();
	await north.updateItem('notes', 'turns', { title: 'Equal' });
	await south.updateItem('notes', 'turns', { title: 'Equal' });
	await mend(southward, northward);
	await settled();
	expect(await counts()).toEqual(before);
	expect(await comments(north, 'notes', 'turns')).toEqual([]);
	expect(await comments(south, 'notes', 'turns')).toEqual([]);
});

test('an item keeps one comment, which tells of its latest conflict', async () => {
	await create('again');
	for (const round of [1, 2]) {
		await cut();
		await north.updateItem('notes', 'again', { title: `North ${round}`, lead: round === 1 ? 'Start' : 'North' });
		await south.updateItem('notes', 'again', { title: `South ${round}`, lead: round === 1 ? 'Start' : 'South' });
		await mend(southward, northward);
		await settled();
		await everywhere('again', { title: `South ${round}` });
		await commentOn(north, 'notes', 'again', round === 1 ? /"title" was edited/ : /"lead" and "title" were edited/);
	}
});

test('a deletion that takes an edit along is counted', async () => {
	await create('deleted');
	const before = await counts();
	await cut();
	await north.updateItem('notes', 'deleted', { title: 'Edited' });
	await south.deleteItem('notes', 'deleted');
	await mend(southward, northward);
	await settled();
	expect(await noteAt(north, 'deleted')).toBeNull();
	expect(await counts()).toEqual([before[0] + 1, before[1] + 1]);

	await create('deleted-later');
	await south.updateItem('notes', 'deleted-later', { title: 'Known' });
	await settled();
	await north.deleteItem('notes', 'deleted-later');
	await settled();
	expect(await noteAt(south, 'deleted-later')).toBeNull();
	expect(await counts()).toEqual([before[0] + 1, before[1] + 1]);
});

test('hundreds of conflicts are all counted; nobody is notified, and comments are bounded', async () => {
	const ids = Array.from({ length: 200 }, (_, index) => `many-${index}`);
	await north.createItems(
		'notes',
		ids.map((id) => ({ id, title: 'Start' })),
	);
	await settled();
	const before = await counts();
	await cut();
	await north.data('PATCH', '/items/notes', { keys: ids, data: { title: 'North' } });
	await south.data('PATCH', '/items/notes', { keys: ids, data: { title: 'South' } });
	await mend(southward, northward);
	await settled();
	expect(new Set((await north.readItems('notes', { filter: { id: { _in: ids } } })).map(({ title }) => title))).toEqual(
		new Set(['South']),
	);
	expect(await counts()).toEqual([before[0] + 200, before[1] + 200]);

	for (const instance of [north, south]) {
		await waitFor('all conflicts to be dealt with', async () => {
			const [row] = await instance.sql<{ count: number | string }>(
				'select count(*) as count from data_sync_conflicts where told_at is null',
			);
			return Number(row?.count) === 0;
		});
		const written = await instance.readItems('directus_comments');
		expect(written.length).toBeGreaterThan(50);
		expect(written.length).toBeLessThanOrEqual(100);
		expect(await instance.readItems('directus_notifications')).toEqual([]);
	}
});
