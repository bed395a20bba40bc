/** Each way in which Directus changes items reaches the remote by itself, whatever the database and the tracking. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { readBacklog, waitUntilDelivered } from '../support/backlog.ts';
import { allow, connect, type ListingInput, setPushFlow } from '../support/data-sync.ts';
import { integer, reference, text, uuidKey } from '../support/fields.ts';
import type { Instance } from '../support/instance.ts';
import { probe } from '../support/probe.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

export type Pair = { start: () => Promise<[sender: Instance, receiver: Instance]>; end: () => Promise<void> };

type Tracking = 'all' | 'activity' | null;

/** One collection for each kind of tracking, with child items of the same kind. */
const TRACKED: [collection: string, tracking: Tracking][] = [
	['notes', 'all'],
	['jottings', 'activity'],
	['whispers', null],
];
const NOTE_FIELDS = ['title', 'body', 'status', 'sort', 'code'];
const FILE_FIELDS = ['title', 'description', 'storage', 'filename_disk', 'filename_download', 'type', 'filesize'];

const LISTING: ListingInput[] = [
	...TRACKED.flatMap(([collection]) => [
		{ collection, fields: NOTE_FIELDS },
		{ collection: `${collection}_lines`, fields: ['text', 'parent'] },
	]),
	{ collection: 'settings', fields: ['title'] },
	{ collection: 'directus_files', fields: FILE_FIELDS },
];

/** @param scope 'transactions': only what depends on who sees which write when, which differs between databases */
export function describeCapture(title: string, pair: Pair, scope: 'all' | 'transactions'): void {
	const everything = scope === 'all';
	const collections = TRACKED.filter(([, tracking]) => everything || tracking !== 'activity');

	describe(title, () => {
		let sender: Instance;
		let receiver: Instance;
		let proxy: RecordingProxy;

		beforeAll(async () => {
			[sender, receiver] = await pair.start();
			await Promise.all([sender, receiver].map(createContent));
			proxy = await startRecordingProxy(() => receiver.url);
			await allow(
				receiver,
				LISTING.map(({ collection }) => collection),
			);
			await connect(sender, receiver, LISTING, { url: proxy.url });
		});
		afterAll(async () => {
			await pair.end();
			await proxy?.close();
		});

		/** Waits until the receiver has the items with these values. */
		const arrive = (collection: string, items: Item[]) =>
			waitFor(`${items.length} ${collection} to arrive`, async () => {
				const keys = items.map(({ id }) => id);
				const found = await receiver.readItems(collection, { filter: { id: { _in: keys } } });
				const byKey = new Map(found.map((item) => [item.id, item]));
				for (const item of items) expect(byKey.get(item.id)).toMatchObject(item);
				return true;
			});
		const goAway = (collection: string, keys: unknown[]) =>
			waitFor(`${keys.length} ${collection} to go away`, async () => {
				const left = await receiver.readItems(collection, { filter: { id: { _in: keys } } });
				return left.length === 0;
			});
		/** Items that the receiver has. */
		const seed = async (collection: string, titles: string[]): Promise<Item[]> => {
			const items = await sender.createItems(
				collection,
				titles.map((title) => ({ title })),
			);
			await arrive(
				collection,
				items.map(({ id, title }) => ({ id, title })),
			);
			await waitUntilDelivered(sender);
			return items;
		};
		const keysOf = (items: Item[]) => items.map(({ id }) => id as string);
		const path = (collection: string) => `/items/${collection}`;

		describe.each(collections)('in %s, whose tracking is %s,', (collection, tracking) => {
			test.runIf(everything)('one item and many are created', async () => {
				const one = await sender.createItem(collection, { title: 'One' });
				const many = await sender.createItems(collection, [{ title: 'Two' }, { title: 'Three' }]);
				await arrive(collection, [one, ...many]);
			});

			test('items are updated by key, by keys, by a query and item by item', async () => {
				const ids = keysOf(await seed(collection, ['A', 'B', 'C']));
				await sender.updateItem(collection, ids[0] as string, { title: 'By key' });
				await arrive(collection, [{ id: ids[0], title: 'By key' }]);
				await sender.data('PATCH', path(collection), { keys: ids.slice(0, 2), data: { body: 'By keys' } });
				await arrive(
					collection,
					ids.slice(0, 2).map((id) => ({ id, body: 'By keys' })),
				);
				const query = { filter: { id: { _in: ids } } };
				await sender.data('PATCH', path(collection), { query, data: { status: 'archived' } });
				await arrive(
					collection,
					ids.map((id) => ({ id, status: 'archived' })),
				);
				const batch = ids.map((id, index) => ({ id, title: `Item by item ${index}` }));
				await sender.data('PATCH', path(collection), batch);
				await arrive(collection, batch);
			});

			test.runIf(everything)('items are deleted by key, by keys and by a query', async () => {
				const ids = keysOf(await seed(collection, ['A', 'B', 'C', 'D']));
				await sender.deleteItem(collection, ids[0] as string);
				await goAway(collection, ids.slice(0, 1));
				await sender.data('DELETE', path(collection), ids.slice(1, 3));
				await goAway(collection, ids.slice(1, 3));
				await sender.data('DELETE', path(collection), { query: { filter: { id: { _eq: ids[3] } } } });
				await goAway(collection, ids.slice(3));
			});

			test('an import adds items and changes items', async () => {
				const [known] = await seed(collection, ['Before the import']);
				const added = { id: crypto.randomUUID(), title: 'Added by the import' };
				const changed = { id: known?.id, title: 'Changed by the import' };
				await upload(sender, 'POST', `/utils/import/${collection}`, [changed, added]);
				await arrive(collection, [changed, added]);
			});

			test('an import of many collections adds items and changes items', async () => {
				const [known] = await seed(collection, ['Before the import']);
				const changed = { id: known?.id, title: 'Changed by the import of many' };
				const line = { id: crypto.randomUUID(), text: 'Added by the import of many', parent: known?.id };
				const body = [
					{ collection, items: [changed] },
					{ collection: `${collection}_lines`, items: [line] },
				];
				await sender.data('POST', '/utils/import?mode=merge', body);
				await arrive(collection, [changed]);
				await arrive(`${collection}_lines`, [line]);
			});

			test('child items are written with their parent', async () => {
				const lines = `${collection}_lines`;
				const created = { title: 'A parent', lines: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] };
				const parent = await sender.createItem(collection, created);
				const children = await sender.readItems(lines, { filter: { parent: { _eq: parent.id } }, sort: 'text' });
				const [a, b, c] = keysOf(children);
				expect(children).toMatchObject([{ text: 'a' }, { text: 'b' }, { text: 'c' }]);
				await arrive(lines, children);
				await sender.updateItem(collection, parent.id as string, {
					lines: { create: [{ text: 'd' }], update: [{ id: a, text: 'a, edited' }], delete: [b] },
				});
				const after = (await sender.readItem(collection, parent.id as string))?.lines as string[];
				const d = after.find((id) => id !== a && id !== c);
				await arrive(lines, [
					{ id: a, text: 'a, edited', parent: parent.id },
					{ id: d, text: 'd', parent: parent.id },
				]);
				// Without an own relation setting, what is taken off its parent is kept without one.
				await arrive(lines, [{ id: b, parent: null }]);
				await sender.data('PATCH', path(collection), [
					{ id: parent.id, title: 'A parent, edited', lines: [{ id: a, text: 'a, in a batch' }, { id: c }] },
				]);
				await arrive(collection, [{ id: parent.id, title: 'A parent, edited' }]);
				await arrive(lines, [
					{ id: a, text: 'a, in a batch', parent: parent.id },
					{ id: d, parent: null },
				]);
			});

			test('items are dragged to another place, and those in between move up', async () => {
				const ids = keysOf(await seed(collection, ['1', '2', '3', '4']));
				await sort(collection, ids[3], ids[1]);
				await isOrdered(collection);
				await sort(collection, ids[0], ids[2]);
				await isOrdered(collection);
				await sender.createItem(collection, { title: 'Without a place' });
				await sort(collection, ids[1], ids[0]);
				await isOrdered(collection);
			});

			const sort = (of: string, item: unknown, to: unknown) => sender.data('POST', `/utils/sort/${of}`, { item, to });
			const isOrdered = async (of: string) => {
				const order = { fields: 'id,sort', sort: 'id' };
				const here = await sender.readItems(of, order);
				await waitFor(`the order of ${of}`, async () => {
					expect(await receiver.readItems(of, order)).toEqual(here);
					return true;
				});
			};

			test.runIf(everything)('GraphQL creates, updates and deletes', async () => {
				const mutate = async (mutation: string) => {
					const { body } = await sender.api<{ data: Record<string, Item>; errors?: unknown }>('POST', '/graphql', {
						query: `mutation { ${mutation} }`,
					});
					expect(body.errors).toBeUndefined();
					return body.data;
				};
				const created = await mutate(`create_${collection}_item(data: { title: "By GraphQL" }) { id }`);
				const id = created[`create_${collection}_item`]?.id as string;
				await arrive(collection, [{ id, title: 'By GraphQL' }]);
				await mutate(`update_${collection}_batch(data: [{ id: "${id}", title: "Edited" }]) { id }`);
				await arrive(collection, [{ id, title: 'Edited' }]);
				await mutate(`delete_${collection}_item(id: "${id}") { id }`);
				await goAway(collection, [id]);
			});

			test.each<[rights: string, as: 'nobody' | 'caller', emitEvents: boolean]>([
				['with all rights and events', 'nobody', true],
				['with all rights and no events', 'nobody', false],
				['with the rights of a user and no events', 'caller', false],
			])('an extension writes %s', async (rights, as, emitEvents) => {
				const options = { emitEvents };
				const [first, second] = await seed(collection, ['First', 'Second']);
				const created = { id: crypto.randomUUID(), title: `Created ${rights}` };
				const upserted = [
					{ id: first?.id, title: `Upserted ${rights}` },
					{ id: crypto.randomUUID(), title: `Upserted ${rights}` },
				];
				await probe(sender, collection, { as, service: [['createMany', [created], options]] });
				await arrive(collection, [created]);
				await probe(sender, collection, { as, service: [['upsertMany', upserted, options]] });
				await arrive(collection, upserted);
				const batch = upserted.map(({ id }) => ({ id, title: `Batch ${rights}` }));
				await probe(sender, collection, { as, service: [['updateBatch', batch, options]] });
				await arrive(collection, batch);
				await probe(sender, collection, {
					as,
					transaction: 'commit',
					service: [
						['updateOne', second?.id, { title: `In a transaction ${rights}` }, options],
						['deleteOne', created.id, options],
					],
				});
				await arrive(collection, [{ id: second?.id, title: `In a transaction ${rights}` }]);
				await goAway(collection, [created.id]);
			});

			test('a write that is rolled back touches and sends nothing', async () => {
				const [first, second] = await seed(collection, ['First', 'Second']);
				const code = `taken in ${collection}`;
				await sender.updateItem(collection, first?.id as string, { code });
				await arrive(collection, [{ id: first?.id, code }]);
				await waitUntilDelivered(sender);
				const before = await feed();

				const refused = await sender.api('PATCH', path(collection), [
					{ id: first?.id, title: 'rolled-back' },
					{ id: second?.id, code, title: 'rolled-back' },
				]);
				expect(refused.status).toBe(400);
				const refusedToo = await sender.api('POST', path(collection), [
					{ title: 'rolled-back' },
					{ title: 'rolled-back', code },
				]);
				expect(refusedToo.status).toBe(400);
				for (const as of ['nobody', 'caller'] as const) {
					await probe(sender, collection, {
						as,
						transaction: 'rollback',
						service: [
							['createOne', { title: 'rolled-back' }],
							['updateOne', first?.id, { title: 'rolled-back' }],
							['deleteOne', second?.id],
						],
					});
				}

				expect(await feed()).toEqual(before);
				expect((await readBacklog(sender)).unnoted).toBe(0);
				// Everything before it would have been sent by the time this has arrived.
				await arrive(collection, [await sender.createItem(collection, { title: 'After it' })]);
				await waitUntilDelivered(sender);
				const others = (await feed()).filter(({ item }) => item === first?.id || item === second?.id);
				expect(others).toEqual(before.filter(({ item }) => item === first?.id || item === second?.id));
				expect(proxy.wire()).not.toContain('rolled-back');
			});

			const feed = () =>
				sender.sql<Item>('select item, seq, touched, rev from data_sync_changes order by collection, item');

			test.runIf(everything && tracking === 'all')('a version is promoted and a revision is brought back', async () => {
				const [item] = await seed(collection, ['As it was']);
				const id = item?.id as string;
				const version = await sender.data<Item>('POST', '/versions', { key: 'draft', collection, item: id });
				await sender.data('POST', `/versions/${version.id}/save`, { title: 'As promoted' });
				const { mainHash } = await sender.data<Item>('GET', `/versions/${version.id}/compare`);
				await sender.data('POST', `/versions/${version.id}/promote`, { mainHash });
				await arrive(collection, [{ id, title: 'As promoted' }]);

				const filter = { collection: { _eq: collection }, item: { _eq: id } };
				const [revision] = await sender.readItems('directus_revisions', { filter, sort: 'id' });
				await sender.data('POST', `/utils/revert/${revision?.id}`);
				await arrive(collection, [{ id, title: 'As it was' }]);
			});
		});

		test.runIf(everything)('a singleton is created and updated', async () => {
			for (const title of ['First', 'Second']) {
				await sender.data('PATCH', '/items/settings', { title });
				await waitFor('the singleton', async () => {
					expect(await receiver.data('GET', '/items/settings')).toMatchObject({ title });
					return true;
				});
			}
		});

		test('a Flow that runs by the clock creates, updates and deletes, which leaves no trace', async () => {
			const [changed, deleted] = await seed('notes', ['To be changed', 'To be deleted']);
			const id = crypto.randomUUID();
			await runScheduledFlow(sender, [
				{ type: 'item-create', options: { collection: 'notes', payload: { id, title: 'By the clock' } } },
				{
					type: 'item-update',
					options: { collection: 'notes', key: [changed?.id], payload: { title: 'Changed by the clock' } },
				},
				{ type: 'item-delete', options: { collection: 'notes', key: [deleted?.id] } },
			]);
			await arrive('notes', [
				{ id, title: 'By the clock' },
				{ id: changed?.id, title: 'Changed by the clock' },
			]);
			await goAway('notes', [deleted?.id]);
		});

		test.runIf(everything)('a file is uploaded, described, replaced and deleted', async () => {
			const uploaded = await upload(sender, 'POST', '/files', 'Hello');
			const id = uploaded.id as string;
			await arrive('directus_files', [{ id, filename_download: 'upload.json', filesize: uploaded.filesize }]);
			await sender.updateItem('directus_files', id, { title: 'A greeting' });
			await arrive('directus_files', [{ id, title: 'A greeting' }]);
			const replaced = await upload(sender, 'PATCH', `/files/${id}`, 'Hello, and some more');
			expect(replaced.filesize).not.toBe(uploaded.filesize);
			await arrive('directus_files', [{ id, filesize: replaced.filesize }]);
			await sender.deleteItem('directus_files', id);
			await goAway('directus_files', [id]);
		});

		test.runIf(everything)('untracked edits are kept while nothing may be sent', async () => {
			const [item] = await seed('whispers', ['Before']);
			await setPushFlow(sender, 'inactive');
			await sender.updateItem('whispers', item?.id as string, { title: 'While it was off' });
			await setPushFlow(sender, 'active');
			await arrive('whispers', [{ id: item?.id, title: 'While it was off' }]);
		});

		test('queries of another extension, with keys or without, arrive', async () => {
			const items = await seed('notes', ['Query', 'Query', 'Query']);
			await probe(sender, 'notes', {
				query: [
					['where', { id: items[0]?.id }],
					['update', { body: 'By a query' }],
				],
			});
			await arrive('notes', [{ id: items[0]?.id, body: 'By a query' }]);
			await probe(sender, 'notes', {
				transaction: 'commit',
				query: [
					['where', 'title', 'like', 'Query%'],
					['update', { body: 'By a query that names no keys' }],
				],
			});
			await arrive(
				'notes',
				items.map(({ id }) => ({ id, body: 'By a query that names no keys' })),
			);
		});

		test('in the end nothing is left to deliver, and nothing has been complained about', async () => {
			await waitUntilDelivered(sender);
			expect((await sender.log()).replace(/.*WARN: (Spatialite|PostGIS) isn't installed.*\n/, '')).toBe('');
		});

		test.each([
			['data_sync_changes', /not noted/],
			['data_sync_writes', /marker/],
			['data_sync_state', /data_sync_state/],
			['data_sync_checkpoints', /data_sync_checkpoints/],
			['data_sync_leases', /data_sync_leases/],
		])('saves go on without the table %s, and are recovered when it is back', async (table, words) => {
			const [tracked] = await seed('notes', ['Before it broke']);
			const [untracked] = await seed('whispers', ['Before it broke']);
			const logged = (await sender.log()).length;
			await sender.sql(`alter table ${table} rename to broken`);

			const edits: Item[] = [];
			for (let count = 0; count < 3; count += 1) {
				const title = `While ${table} was broken ${count}`;
				edits.push(await sender.updateItem('notes', tracked?.id as string, { title }));
				edits.push(await sender.createItem('notes', { title }));
			}
			const quiet = await sender.updateItem('whispers', untracked?.id as string, { title: 'Quietly' });
			const line = await waitFor('a line in the log', async () => {
				const lines = (await sender.log()).slice(logged);
				return words.test(lines) && lines;
			});
			expect(line.split('\n').filter((each) => each.includes('Data Sync')).length, line).toBeLessThanOrEqual(2);

			await sender.sql(`alter table broken rename to ${table}`);
			const last = new Map(edits.map((edit) => [edit.id, edit]));
			await arrive('notes', [...last.values()]);
			await arrive('whispers', [quiet]);
			await waitUntilDelivered(sender);
		});
	});
}

async function createContent(instance: Instance): Promise<void> {
	for (const [collection, accountability] of TRACKED) {
		const meta = {
			accountability,
			versioning: accountability === 'all',
			sort_field: 'sort',
			archive_field: 'status',
			archive_value: 'archived',
			unarchive_value: 'draft',
		};
		const code = { field: 'code', type: 'string', meta: {}, schema: { is_unique: true } };
		const lines = { field: 'lines', type: 'alias', meta: { special: ['o2m'], interface: 'list-o2m' }, schema: null };
		const fields = [uuidKey(), text('title'), text('body'), text('status'), integer('sort'), code, lines];
		await instance.createCollection(collection, fields, meta);
		const lineFields = [uuidKey(), text('text'), reference('parent', 'uuid')];
		await instance.createCollection(`${collection}_lines`, lineFields, { accountability });
		await instance.data('POST', '/relations', {
			collection: `${collection}_lines`,
			field: 'parent',
			related_collection: collection,
			meta: { one_field: 'lines' },
			schema: { on_delete: 'SET NULL' },
		});
	}
	await instance.createCollection('settings', [uuidKey(), text('title')], { singleton: true });
}

/** Sends a JSON file as a browser does; gives what is answered. */
async function upload(instance: Instance, method: string, path: string, content: unknown): Promise<Item> {
	const form = new FormData();
	form.append('file', new Blob([JSON.stringify(content)], { type: 'application/json' }), 'upload.json');
	const headers = { authorization: `Bearer ${instance.adminToken}` };
	const response = await fetch(new URL(path, instance.url), { method, headers, body: form });
	const answer = await response.text();
	if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${answer}`);
	return answer === '' ? {} : ((JSON.parse(answer) as { data: Item }).data ?? {});
}

/** Lets a Flow run once by the clock, where it has all rights and its operations fire no events unless told to. */
async function runScheduledFlow(instance: Instance, operations: { type: string; options: Item }[]): Promise<void> {
	const { id: flow } = await instance.data<Item>('POST', '/flows', {
		name: 'By the clock',
		trigger: 'schedule',
		status: 'inactive',
		accountability: null,
		options: { cron: '* * * * * *' },
	});
	const last = {
		type: 'item-create',
		options: { collection: 'notes', payload: { id: crypto.randomUUID(), title: 'The Flow has run' } },
	};
	let next: unknown = null;
	for (const [index, operation] of [...operations, last].entries()) {
		const { id } = await instance.data<Item>('POST', '/operations', {
			flow,
			key: `step_${index}`,
			name: `Step ${index}`,
			position_x: 19 * (index + 1),
			position_y: 1,
			...operation,
		});
		if (next === null) await instance.data('PATCH', `/flows/${flow}`, { operation: id });
		else await instance.data('PATCH', `/operations/${next}`, { resolve: id });
		next = id;
	}
	await instance.data('PATCH', `/flows/${flow}`, { status: 'active' });
	await waitFor('the Flow to run', () => instance.readItem('notes', last.options.payload.id));
	await instance.data('DELETE', `/flows/${flow}`);
}
