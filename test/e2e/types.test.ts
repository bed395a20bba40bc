/** Values of every type between two databases that keep them in different words, in different time zones. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { allow, connect, resync } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { WIDE, WIDE_FIELDS, WIDE_VALUES, wideFields, wideRows } from '../support/wide-content.ts';

const LISTING = [{ collection: WIDE, fields: WIDE_FIELDS }];

let postgres: Postgres;
let pair: [sqlite: Instance, postgres: Instance];
/** What each instance is sent. */
let proxies: [RecordingProxy, RecordingProxy];

beforeAll(async () => {
	postgres = await startPostgres();
	pair = await Promise.all([
		startInstance({ name: 'sqlite', env: { TZ: 'Asia/Kolkata' } }),
		startInstance({ name: 'postgres', database: { postgres }, env: { TZ: 'America/New_York' } }),
	]);
	proxies = await Promise.all([startRecordingProxy(() => pair[0].url), startRecordingProxy(() => pair[1].url)]);

	for (const instance of pair) {
		await instance.createCollection(WIDE, wideFields());
		await allow(instance, [WIDE]);
	}

	await connect(pair[0], pair[1], LISTING, { url: proxies[1].url });
	await connect(pair[1], pair[0], LISTING, { url: proxies[0].url });
});

afterAll(async () => {
	for (const instance of pair ?? []) await instance.destroy();
	for (const proxy of proxies ?? []) await proxy.close();
	await postgres?.stop();
});

describe.each([
	['SQLite to PostgreSQL', 0, 1],
	['PostgreSQL to SQLite', 1, 0],
] as const)('from %s', (_direction, here, there) => {
	let ids: string[];

	test('values of every type arrive as they are', async () => {
		const created = await pair[here].createItems(WIDE, wideRows());
		ids = created.map(({ id }) => id as string);
		await expectEqual();
	});

	test('so does each change of a value to another', async () => {
		const rows = wideRows(1).map((row, index) => ({ id: ids[index], ...row }));
		await pair[here].data('PATCH', `/items/${WIDE}`, rows);
		await expectEqual();
	});

	test('hashes arrive as they are stored', async () => {
		const stored = (instance: Instance) =>
			instance.sql<{ hash: string | null }>('select id, hash from wide order by id');
		const [sent, received] = await Promise.all([stored(pair[here]), stored(pair[there])]);
		expect(sent.filter(({ hash }) => hash?.startsWith('$argon2'))).not.toEqual([]);
		expect(received).toEqual(sent);
	});

	test('no hash is in a revision or in the log of the receiver', async () => {
		const revisions = await pair[there].sql<{ data: unknown; delta: unknown }>(
			"select data, delta from directus_revisions where collection = 'wide' and activity in (select id from directus_activity where \"user\" = '7c6b6863-d298-453d-a192-4a343eb7ddd3')",
		);
		expect(revisions.length).toBeGreaterThan(ids.length);
		expect(JSON.stringify(revisions)).not.toContain('argon2');
		expect(await pair[there].log()).not.toContain('argon2');
	});

	test('all of them at once become empty', async () => {
		const empty = Object.fromEntries(WIDE_FIELDS.map((field) => [field, null]));
		await pair[here].data('PATCH', `/items/${WIDE}`, { keys: ids.slice(0, 5), data: empty });
		await expectEqual();
	});

	test('then there is silence: what is told again is written by nobody and told back by nobody', async () => {
		const before = await Promise.all(pair.map(revisionCount));
		const toldBack = proxies[here].batches().length;
		const told = proxies[there].batches().length;
		const answer = await resync(pair[here], WIDE);
		expect(answer).toMatchObject({ sources: [{ status: 'done', superseded: 0, pending: 0, failed: 0 }] });
		for (const instance of pair) await waitUntilDelivered(instance);
		expect(proxies[there].batches().length).toBeGreaterThan(told);
		expect(proxies[here].batches().length).toBe(toldBack);
		expect(await Promise.all(pair.map(revisionCount))).toEqual(before);
	});
});

const revisionCount = async (instance: Instance): Promise<unknown> =>
	(await instance.sql('select count(*) as count from directus_revisions'))[0]?.count;

async function expectEqual(): Promise<void> {
	for (const instance of pair) await waitUntilDelivered(instance);
	const [first, second] = (await Promise.all(pair.map(readAll))) as [Item[], Item[]];
	expect(first.length).toBeGreaterThanOrEqual(wideRows().length);
	expect(second).toEqual(first);
}

/** As the REST API gives them, apart from what databases do not keep: zeros after the point, and seconds left out. */
async function readAll(instance: Instance): Promise<Item[]> {
	const items = await instance.readItems(WIDE, { sort: 'id' });
	// SQLite's driver reads large numbers as doubles.
	const stored = await instance.sql<{ id: string; big: string | null }>(
		'select id, cast(big as varchar(30)) as big from wide',
	);
	const big = new Map(stored.map((row) => [row.id, row.big]));
	return items.map((item) => ({
		...item,
		big: big.get(item.id as string) ?? null,
		decimal: item.decimal === null ? null : Number(item.decimal),
		time: typeof item.time === 'string' ? item.time.replace(/^\d\d:\d\d$/, '$&:00').replace(/(\.\d*?)0+$/, '$1') : null,
		// Directus gives the moment 0 on SQLite as the number.
		timestamp: item.timestamp === 0 ? '1970-01-01T00:00:00.000Z' : item.timestamp,
		datetime: item.datetime === 0 ? 'beginning' : item.datetime,
	}));
}

test('every type has a value in the rows', () => {
	expect(Object.keys(WIDE_VALUES).sort()).toEqual([...WIDE_FIELDS].sort());
});
