/** Geometry fields between two PostGIS, and a SQLite that has none: in JSON fields, and in fields that it can't read. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { readBacklog, waitUntilDelivered } from '../support/backlog.ts';
import { allow, connect, DELIVERIES, type ListingInput, resync, setStatus } from '../support/data-sync.ts';
import { field, text, uuidKey } from '../support/fields.ts';
import { PLACE_FIELDS, PLACES, placeFields, placeRows } from '../support/geometries.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

type Found = { code: string; status: string; field?: string; message: string };
type Report = { ok: boolean; steps: { step: string; status: string; findings?: Found[] }[] };
type Link = { from: Instance; to: Instance; source: string; proxy: RecordingProxy };

/** Where the plain database has a geometry field, which it can't read. */
const SPOTS = 'spots';
const SPOT_FIELDS = ['name', 'at'];
/** Where it has a text in place of a geometry. */
const SIGNS = 'signs';
const LISTING: ListingInput[] = [
	{ collection: PLACES, fields: PLACE_FIELDS },
	{ collection: SPOTS, fields: SPOT_FIELDS },
];

let north: Instance;
let south: Instance;
let plain: Instance;
let links: Link[];

beforeAll(async () => {
	[north, south, plain] = await Promise.all([
		startInstance({ name: 'north', database: 'postgis' }),
		startInstance({ name: 'south', database: 'postgis' }),
		startInstance({ name: 'plain' }),
	]);
	for (const instance of all()) {
		await instance.createCollection(PLACES, placeFields(instance === plain ? 'json' : 'geometry'));
		await instance.createCollection(SPOTS, [uuidKey(), text('name'), field('at', 'geometry.Point')]);
		const at = instance === plain ? text('at') : field('at', 'geometry.Point');
		await instance.createCollection(SIGNS, [uuidKey(), text('name'), at]);
		await allow(instance, [PLACES, SPOTS, SIGNS]);
	}
	links = [];
	for (const [from, to] of pairs()) {
		const proxy = await startRecordingProxy(() => to.url);
		links.push({ from, to, proxy, source: await connect(from, to, LISTING, { url: proxy.url }) });
	}
});

afterAll(async () => {
	for (const instance of all()) await instance?.destroy();
	for (const { proxy } of links ?? []) await proxy.close();
});

const all = () => [north, south, plain];
/** North stands between the others. */
const pairs = (): [Instance, Instance][] => [
	[north, south],
	[south, north],
	[north, plain],
	[plain, north],
];
const linkFrom = (from: Instance, to: Instance) => links.find((link) => link.from === from && link.to === to) as Link;

async function delivered(): Promise<void> {
	// What one has delivered, another may have to pass on.
	for (let round = 0; round < 2; round += 1) for (const instance of all()) await waitUntilDelivered(instance);
}

const places = (instance: Instance) => instance.readItems(PLACES, { sort: 'id' });

async function expectEverywhere(expected: Item[]): Promise<void> {
	await delivered();
	const sorted = [...expected].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
	for (const instance of all()) {
		const ids = new Set(expected.map(({ id }) => id));
		expect((await places(instance)).filter(({ id }) => ids.has(id))).toEqual(sorted);
	}
}

const revisions = (instance: Instance) => instance.sql('select count(*) as count from directus_revisions');
const feed = (instance: Instance) => instance.sql('select item, life, stamps from data_sync_changes order by item');

describe.each([
	['PostGIS to PostGIS', () => [south, north]],
	['PostGIS to the others', () => [north, south]],
	['JSON to PostGIS', () => [plain, north]],
] as const)('from %s', (_title, ends) => {
	let rows: Item[];
	const origin = () => ends()[0] as Instance;

	test('geometries of every type arrive as they are', async () => {
		rows = placeRows().map((row) => ({ id: randomUUID(), ...row }));
		await origin().createItems(PLACES, rows);
		await expectEverywhere(rows);
	});

	test('so does each change of a geometry to another, and to none', async () => {
		rows = placeRows(1).map((row, index) => ({ id: rows[index]?.id, ...row }));
		await origin().data('PATCH', `/items/${PLACES}`, rows);
		await expectEverywhere(rows);
	});

	test('then there is silence: what is told again is written by nobody and told back by nobody', async () => {
		const before = await Promise.all(all().flatMap((instance) => [revisions(instance), feed(instance)]));
		const told = links.map(({ proxy }) => proxy.batches().length);
		expect(await resync(origin(), PLACES)).toMatchObject({
			sources: origin() === north ? [{ failed: 0 }, { failed: 0 }] : [{ status: 'done', superseded: 0, failed: 0 }],
		});
		await delivered();
		for (const [index, { from, proxy }] of links.entries()) {
			if (from === origin()) expect(proxy.batches().length).toBeGreaterThan(told[index] as number);
			else expect(proxy.batches().length).toBe(told[index]);
		}
		expect(await Promise.all(all().flatMap((instance) => [revisions(instance), feed(instance)]))).toEqual(before);
	});

	test('a deletion arrives', async () => {
		await origin().data('DELETE', `/items/${PLACES}`, [rows[0]?.id]);
		await delivered();
		for (const instance of all()) expect(await instance.readItem(PLACES, rows[0]?.id as string)).toBeNull();
	});
});

test('more digits than PostGIS tells stay where they can be kept, and cause no change', async () => {
	const at = (x: number) => ({ type: 'Point', coordinates: [x, 1] });
	const { id } = await plain.createItem(PLACES, { name: 'Fine', point: at(0.12345678901234568) });
	await delivered();
	expect(await plain.readItem(PLACES, id as string)).toMatchObject({ point: at(0.12345678901234568) });
	for (const instance of [north, south]) {
		expect(await instance.readItem(PLACES, id as string)).toMatchObject({ point: at(0.123456789012346) });
	}
	await south.updateItem(PLACES, id as string, { name: 'Finer' });
	await delivered();
	expect(await plain.readItem(PLACES, id as string)).toMatchObject({ name: 'Finer', point: at(0.12345678901234568) });
});

test('edits of a geometry and of another field at the same time are merged, and of two geometries the later wins', async () => {
	const [start, earlier, later] = [0, 1, 2].map((x) => ({ type: 'Point', coordinates: [x, x] }));
	const { id } = await north.createItem(PLACES, { name: 'Start', point: start, any: start });
	await delivered();
	const cut = [linkFrom(north, south), linkFrom(south, north)];
	for (const { from, source } of cut) await setStatus(from, source, 'draft');

	await north.updateItem(PLACES, id as string, { point: earlier, any: earlier });
	await waitFor('the earlier edit to have its stamp', async () => {
		const { unnoted, unsettled } = await readBacklog(north);
		return unnoted + unsettled === 0;
	});
	await south.updateItem(PLACES, id as string, { name: 'Merged', point: later });
	// The loser's first: once the winner is everywhere, nobody tells the south of the other any more.
	for (const { from, source } of cut) {
		await setStatus(from, source, 'published');
		await waitUntilDelivered(from);
	}
	await delivered();

	for (const instance of all()) {
		const place = await instance.readItem(PLACES, id as string);
		expect(place).toMatchObject({ name: 'Merged', point: later, any: earlier });
	}
	const { conflicts } = await south.data<{ conflicts: number }>('GET', '/data-sync/status');
	expect(conflicts).toBe(1);
	await waitFor('a comment on the place', async () => {
		const [comment] = await south.readItems('directus_comments', { filter: { item: { _eq: id } } });
		expect(comment?.comment).toMatch(/"point" was edited here and on .* at the same time/);
		return true;
	});
});

describe('what PostGIS does not take', () => {
	test.each([
		['a third dimension', { type: 'Point', coordinates: [1, 2, 3] }],
		['another type of geometry', { type: 'LineString', coordinates: [[1, 2], [3, 4]] }], // biome-ignore format: short
		['no coordinates', { type: 'Point', coordinates: [] }],
		['JSON that is no geometry', { street: 'Main Street' }],
		['a number', 5],
	])('%s: the item is refused alone, with the reason', async (title, value) => {
		const { id } = await plain.createItem(PLACES, { name: title, point: value });
		const { id: next } = await plain.createItem(PLACES, {
			name: 'Next',
			point: { type: 'Point', coordinates: [1, 1] },
		});
		const delivery = await waitFor('the refusal', async () => {
			const [found] = await plain.readItems(DELIVERIES, { filter: { item: { _eq: id } } });
			return found?.status === 'failed' && found;
		});
		expect(delivery.message).toMatch(new RegExp(`${PLACES} ${id}`));
		await waitFor('the next item', async () => (await south.readItem(PLACES, next as string)) !== null);
		await plain.deleteItem(PLACES, id as string);
		await delivered();
	});
});

describe('a database that can not read its geometry field', () => {
	test('sends and takes the other fields, and holds nothing up', async () => {
		const at = { type: 'Point', coordinates: [1, 2] };
		const { id } = await south.createItem(SPOTS, { name: 'Spot', at });
		const stored = async (name: string) => {
			const [spot] = await plain.sql(`select name from ${SPOTS} where id = ?`, [id as string]);
			return spot?.name === name;
		};
		await waitFor('the spot at the plain one', () => stored('Spot'));
		await north.updateItem(SPOTS, id as string, { name: 'Renamed' });
		await waitFor('its name at the plain one', () => stored('Renamed'));

		// Directus creates the item, and then fails to read it for the answer.
		const { status } = await plain.api('POST', `/items/${SPOTS}`, { name: 'Plain' });
		expect(status).toBe(500);
		await waitFor('the spot from there', async () => {
			const spots = await south.readItems(SPOTS, { filter: { name: { _eq: 'Plain' } } });
			return spots.length === 1;
		});
		expect(await south.readItem(SPOTS, id as string)).toMatchObject({ at });
	});
});

describe('the check', () => {
	const check = async (from: Instance, to: Instance, listing: ListingInput[]): Promise<Found[]> => {
		const source = await connect(from, to, listing, { status: 'draft' });
		const report = await from.data<Report>('POST', `/data-sync/sources/${source}/check`);
		await from.deleteItem('data_sync_remote_sources', source);
		return report.steps.flatMap(({ step, findings = [] }) => (step === 'listing' || step === 'fields' ? findings : []));
	};
	const inShort = (found: Found[]) => found.map(({ status, code, field: name }) => `${status} ${code} ${name}`);

	test('finds nothing between geometries, nor where JSON takes them', async () => {
		const listing = [{ collection: PLACES, fields: PLACE_FIELDS }];
		expect(await check(north, south, listing)).toEqual([]);
		expect(await check(north, plain, listing)).toEqual([]);
	});

	test('warns that geometry fields do not take all that JSON may hold', async () => {
		const found = await check(plain, north, [{ collection: PLACES, fields: ['name', 'point'] }]);
		expect(inShort(found)).toEqual(['warning type_narrower point']);
	});

	test('tells that a text is no geometry', async () => {
		const listing = [{ collection: SIGNS, fields: SPOT_FIELDS }];
		expect(inShort(await check(north, plain, listing))).toEqual(['error type_differs at']);
		expect(inShort(await check(plain, north, listing))).toEqual(['error type_differs at']);
	});

	test('tells that a database can not read its geometry field, whichever side it is on', async () => {
		const listing = [{ collection: SPOTS, fields: SPOT_FIELDS }];
		for (const found of [await check(north, plain, listing), await check(plain, north, listing)]) {
			expect(inShort(found)).toEqual(['error unreadable_field at']);
		}
	});
});
