/**
 * Whatever anybody sends to the endpoint, with a token that may do nothing, something or all: it is answered, nothing changes
 * without a permission, and the instance goes on.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { arbitraryRequest, type RandomRequest } from '../support/arbitrary-batch.ts';
import { createContent } from '../support/content.ts';
import { type Action, allow, connect, DATA_SYNC_POLICY, giveToken } from '../support/data-sync.ts';
import { FUZZ_SEED, memoryOf, printSeed, unseenFaults } from '../support/fuzzing.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

const COLLECTIONS = ['articles', 'authors', 'pages', 'tickets'];
/** What no permission of the Data Sync user is ever about. */
const SYSTEM = [
	'directus_users',
	'directus_policies',
	'directus_access',
	'directus_permissions',
	'directus_settings',
	'directus_flows',
	'data_sync_remote_sources',
];
const RUNS = 1000;
/** For one token, in milliseconds. */
const TIME = 30_000;
const MOST_MEMORY = 400 * 1024 * 1024;

type Result = { outcome: string; code?: string };

let instance: Instance;
let token: string;
let items: Map<string, string[]>;

beforeAll(async () => {
	printSeed();
	instance = await startInstance({ name: 'receiver' });
	await createContent(instance);
	token = await giveToken(instance);
	const listing = COLLECTIONS.map((collection) => ({
		collection,
		fields: collection === 'authors' ? ['name'] : ['title'],
	}));
	await connect(instance, instance, listing, { status: 'draft' });
	items = new Map();
	for (const collection of COLLECTIONS) {
		const created = await instance.createItems(
			collection,
			[1, 2, 3].map((number) => contentOf(collection, number)),
		);
		items.set(
			collection,
			created.map((item) => String(item.id ?? item.slug)),
		);
	}
	for (const collection of [...SYSTEM, 'directus_files', 'data_sync_state']) items.set(collection, ['1']);
});

afterAll(() => instance?.destroy());

const contentOf = (collection: string, number: number): Item => {
	if (collection === 'authors') return { name: `Author ${number}` };
	return { title: `Title ${number}`, ...(collection === 'pages' && { slug: `page-${number}` }) };
};

const rows = async (table: string): Promise<string[]> =>
	(await instance.sql(`select * from ${table}`)).map((row) => JSON.stringify(withoutVisits(row))).sort();
/** Directus notes when a user was seen. */
const withoutVisits = ({ last_access: _access, last_page: _page, ...row }: Item): Item => row;
const contents = async (tables: string[]): Promise<Record<string, string[]>> =>
	Object.fromEntries(await Promise.all(tables.map(async (table) => [table, await rows(table)] as const)));
const known = async (collections: string[]) =>
	(await instance.sql<{ collection: string }>('select * from data_sync_changes')).filter(({ collection }) =>
		collections.includes(collection),
	);
const settled = () =>
	waitFor(
		'the feed to settle',
		async () =>
			(await instance.sql('select item from data_sync_changes where seq is null or touched is not null')).length === 0,
	);

/** Gives the results where the batch was taken. */
async function post({ body, type }: RandomRequest): Promise<Result[]> {
	const response = await fetch(`${instance.url}/data-sync/changes`, {
		method: 'POST',
		headers: { authorization: `Bearer ${token}`, 'content-type': type },
		body,
	});
	const said = await response.text();
	if (response.status === 503) expect(Number(response.headers.get('retry-after')), said).toBeGreaterThan(0);
	else expect(response.status, said).toBeLessThan(500);
	const answer = JSON.parse(said) as { data?: { results: Result[] }; errors?: unknown[] };
	expect(answer.data ?? answer.errors, said).toBeDefined();
	return answer.data?.results ?? [];
}

async function permit(collections: string[], actions: Action[]): Promise<void> {
	const found = await instance.readItems('directus_permissions', { filter: { policy: { _eq: DATA_SYNC_POLICY } } });
	if (found.length > 0)
		await instance.data(
			'DELETE',
			'/permissions',
			found.map(({ id }) => id),
		);
	if (collections.length > 0) await allow(instance, collections, actions);
}

/** Sends at random; `check` sees each answer. Gives how many changes were answered in which way. */
async function fuzz(check: (results: Result[]) => void = () => undefined): Promise<Map<string, number>> {
	const outcomes = new Map<string, number>();
	const before = await memoryOf(instance);
	const { pid } = instance;
	await fc.assert(
		fc.asyncProperty(arbitraryRequest(items), async (request) => {
			const results = await post(request);
			for (const { outcome } of results) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
			check(results);
		}),
		{ seed: FUZZ_SEED, numRuns: RUNS, interruptAfterTimeLimit: TIME, markInterruptAsFailure: false },
	);
	expect((await instance.api('GET', '/data-sync/info')).status).toBe(200);
	expect(instance.pid).toBe(pid);
	expect(await unseenFaults(instance)).toEqual([]);
	const after = await memoryOf(instance);
	if (before !== null && after !== null) expect(after - before).toBeLessThan(MOST_MEMORY);
	return outcomes;
}

test('with a token that may do nothing, nothing changes', async () => {
	await permit([], []);
	await settled();
	const tables = [...SYSTEM, ...COLLECTIONS, 'data_sync_changes', 'data_sync_conflicts'];
	const before = await contents(tables);
	const outcomes = await fuzz((results) => {
		for (const { outcome } of results) expect(['failed', 'pending']).toContain(outcome);
	});
	expect(outcomes.get('failed')).toBeGreaterThan(0);
	expect(await contents(tables)).toEqual(before);
});

test('with a token that may update in one collection, nothing else changes, and nothing is created or deleted', async () => {
	await permit(['articles'], ['update']);
	const others = COLLECTIONS.filter((collection) => collection !== 'articles');
	const ids = async () => (await instance.readItems('articles', { fields: 'id', sort: 'id' })).map(({ id }) => id);
	const before = [await contents([...SYSTEM, ...others]), await known(others), await ids()];
	await fuzz();
	await settled();
	expect([await contents([...SYSTEM, ...others]), await known(others), await ids()]).toEqual(before);
});

test('with a token that may do all in the content, nothing of the instance itself changes', async () => {
	await permit(COLLECTIONS, ['create', 'update', 'delete']);
	const before = await contents(SYSTEM);
	const outcomes = await fuzz();
	expect(outcomes.get('applied')).toBeGreaterThan(0);
	expect(await contents(SYSTEM)).toEqual(before);
	await settled();
	await waitFor('an edit', () => instance.createItem('articles', { title: 'Afterwards' }));
});
