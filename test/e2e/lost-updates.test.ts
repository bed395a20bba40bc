/**
 * An editor's write and a remote's for the same item, at every point where they can get in each other's way. The remote's
 * is the older one, so whatever the moment, the editor's must stay; and the other way round where the remote's is newer.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { readBacklog } from '../support/backlog.ts';
import { createContent, PAGES } from '../support/content.ts';
import { allow, giveToken, SOURCES, setPushFlow } from '../support/data-sync.ts';
import { type FailingWrites, failWrites } from '../support/failing-writes.ts';
import { longText } from '../support/fields.ts';
import { type Hold, type HoldAt, type HoldWhom, hold, installHoldExtension } from '../support/hold-extension.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { batch, change, stamp } from '../support/wire.ts';

type Result = { outcome: string; superseded?: number; code?: string };

/** Milliseconds. */
const LONG_AGO = -60_000;
const OLDER = -30_000;
const NEWER = 20_000;

describe.each(['sqlite', 'postgres'] as const)('on %s', (vendor) => {
	let postgres: Postgres | undefined;
	let instance: Instance;
	let proxy: RecordingProxy;
	let token: string;
	let count = 0;
	let slug: string;
	const holds: Hold[] = [];
	const faults: FailingWrites[] = [];

	beforeAll(async () => {
		if (vendor === 'postgres') postgres = await startPostgres();
		const database = postgres ? { postgres } : 'sqlite';
		instance = await startInstance({ name: 'receiver', database, prepare: installHoldExtension });
		await createContent(instance);
		await instance.data('POST', '/fields/pages', longText('text'));
		await allow(instance, ['pages']);
		token = await giveToken(instance);
		proxy = await startRecordingProxy(() => instance.url);
		// What no source lists is not watched; nothing has to answer there.
		const schema = [{ ...PAGES, fields: ['title', 'text'] }];
		await instance.createItem(SOURCES, { name: 'Elsewhere', url: 'http://127.0.0.1:9', api_key: 'x', schema });
	});

	afterAll(async () => {
		await instance.destroy();
		await proxy.close();
		await postgres?.stop();
	});

	beforeEach(async () => {
		for (const each of holds.splice(0)) await each.release();
		for (const each of faults.splice(0)) await each.lift();
		count += 1;
		slug = `page-${count}`;
	});

	describe('an edit of an item that both know', () => {
		beforeEach(async () => {
			expect(await receive(LONG_AGO, { title: 'Start', text: 'Start' })).toMatchObject({ outcome: 'applied' });
			await waitUntilSettled();
		});

		test('that is settled, with the push Flow inactive, stays', async () => {
			await setPushFlow(instance, 'inactive');
			await edit({ title: 'Edited' });
			await waitUntilSettled();
			expect(await receive(OLDER, { title: 'Remote' })).toMatchObject({ outcome: 'superseded', superseded: 1 });
			expect(await page()).toMatchObject({ title: 'Edited' });
			await setPushFlow(instance, 'active');
		});

		test('that is touched, but not settled, stays', async () => {
			await fail('data_sync_state', ['update']);
			await edit({ title: 'Edited' });
			await waitFor('the touch', async () => (await readBacklog(instance)).unsettled > 0);
			expect(await receive(OLDER, { title: 'Remote', text: 'Remote' })).toMatchObject({
				outcome: 'applied',
				superseded: 1,
			});
			expect(await page()).toMatchObject({ title: 'Edited', text: 'Remote' });
		});

		test('that is touched, but not settled, gives way to a later one, and stays in its revisions', async () => {
			await fail('data_sync_state', ['update']);
			await edit({ title: 'Edited' });
			expect(await receive(NEWER, { title: 'Remote' })).toMatchObject({ outcome: 'applied' });
			expect(await page()).toMatchObject({ title: 'Remote' });
			const filter = { collection: { _eq: 'pages' }, item: { _eq: slug } };
			const revisions = await instance.readItems('directus_revisions', { filter });
			expect(JSON.stringify(revisions)).toContain('Edited');
		});

		test('that is committed, but not touched, stays', async () => {
			await failTouches();
			await edit({ title: 'Edited' });
			expect(await receive(OLDER, { title: 'Remote', text: 'Remote' })).toMatchObject({
				outcome: 'applied',
				superseded: 1,
			});
			expect(await page()).toMatchObject({ title: 'Edited', text: 'Remote' });
		});

		test('that commits while a remote change waits for its lock stays', async () => {
			const held = await holdAt('editor', 'activity.create');
			const saved = edit({ title: 'Edited' });
			await held.untilHeld();
			const received = receive(OLDER, { title: 'Remote', text: 'Remote' });
			await waitUntilWaiting(received);
			await held.release();
			await saved;
			expect(await received).toMatchObject({ outcome: 'applied', superseded: 1 });
			expect(await page()).toMatchObject({ title: 'Edited', text: 'Remote' });
		});

		test('that is rolled back while a remote change waits for its lock leaves nothing', async () => {
			await fail('directus_revisions', ['insert'], "cast(new.delta as text) like '%Edited%'");
			const held = await holdAt('editor', 'activity.create');
			const saved = instance.api('PATCH', `/items/pages/${slug}`, { title: 'Edited' });
			await held.untilHeld();
			const received = receive(OLDER, { title: 'Remote' });
			await waitUntilWaiting(received);
			await held.release();
			expect((await saved).status).toBe(500);
			expect(await received).toMatchObject({ outcome: 'applied' });
			expect(await page()).toMatchObject({ title: 'Remote', text: 'Start' });
		});

		test('that comes between the read and the write of a remote change stays', async () => {
			const held = await holdAt('data-sync', 'items.update');
			const received = receive(OLDER, { title: 'Remote', text: 'Remote' });
			await held.untilHeld();
			const saved = edit({ title: 'Edited' });
			await waitUntilWaiting(saved);
			await held.release();
			await Promise.all([received, saved]);
			expect(await page()).toMatchObject({ title: 'Edited', text: 'Remote' });
			await waitUntilSettled();
			expect(await receive(OLDER, { title: 'Remote' })).toMatchObject({ outcome: 'superseded' });
		});

		test('that comes between the write of a remote change and its commit stays', async () => {
			const held = await holdAt('data-sync', 'activity.create');
			const received = receive(OLDER, { title: 'Remote', text: 'Remote' });
			await held.untilHeld();
			const saved = edit({ title: 'Edited' });
			await waitUntilWaiting(saved);
			await held.release();
			await Promise.all([received, saved]);
			expect(await page()).toMatchObject({ title: 'Edited', text: 'Remote' });
			await waitUntilSettled();
			expect(await receive(OLDER, { title: 'Remote' })).toMatchObject({ outcome: 'superseded' });
		});

		test('that deletes it, while a remote change waits for its lock, stays', async () => {
			const held = await holdAt('editor', 'activity.create');
			const deleted = instance.deleteItem('pages', slug);
			await held.untilHeld();
			const received = receive(OLDER, { title: 'Remote' });
			await waitUntilWaiting(received);
			await held.release();
			await deleted;
			expect(await received).toMatchObject({ outcome: 'superseded' });
			expect(await page()).toBeNull();
		});
	});

	describe('an item that the feed does not know', () => {
		test('created here while a remote creates it too, earlier: what was written here stays', async () => {
			const held = await holdAt('editor', 'activity.create');
			const saved = instance.createItem('pages', { slug, title: 'Created' });
			await held.untilHeld();
			const received = receive(OLDER, { title: 'Remote' });
			await waitUntilWaiting(received);
			await held.release();
			await saved;
			await received;
			await waitUntilSettled();
			expect(await page()).toMatchObject({ title: 'Created' });
		});

		test('edited here for the first time, while a remote sends it: the edit stays', async () => {
			await instance.sql('insert into pages (slug, title, text) values (?, ?, ?)', [slug, 'Old', 'Old']);
			// Earlier than the edit, yet later than the install.
			const earlier = Date.now();
			const held = await holdAt('editor', 'activity.create');
			const saved = edit({ title: 'Edited' });
			await held.untilHeld();
			const received = receive(earlier - Date.now(), { title: 'Remote', text: 'Remote' });
			await waitUntilWaiting(received);
			await held.release();
			await saved;
			await received;
			await waitUntilSettled();
			expect(await page()).toMatchObject({ title: 'Edited', text: 'Remote' });
		});

		test('that is updated here, which hits nothing, is not taken for a deleted one', async () => {
			const { unnoted } = await readBacklog(instance);
			await instance.api('PATCH', `/items/pages/${slug}`, { title: 'Hits nothing' });
			await waitFor('it to be noted', async () => (await readBacklog(instance)).unnoted <= unnoted);
			expect(await receive(OLDER, { title: 'Remote' })).toMatchObject({ outcome: 'applied' });
			expect(await page()).toMatchObject({ title: 'Remote' });
		});

		test('edited here, but not touched yet: the remote is asked to send again later, and the edit stays', async () => {
			await instance.sql('insert into pages (slug, title, text) values (?, ?, ?)', [slug, 'Old', 'Old']);
			await failTouches();
			await edit({ title: 'Edited' });
			const { status } = await post(OLDER, { title: 'Remote', text: 'Remote' });
			expect(status).toBe(503);
			expect(await page()).toMatchObject({ title: 'Edited', text: 'Old' });
		});
	});

	const page = (): Promise<Item | null> => instance.readItem('pages', slug);
	const edit = (values: Item): Promise<Item> => instance.updateItem('pages', slug, values);

	async function holdAt(whom: HoldWhom, event: HoldAt): Promise<Hold> {
		const held = await hold(instance, whom, event);
		holds.push(held);
		return held;
	}

	async function fail(...what: [string, ('insert' | 'update' | 'delete')[], string?]): Promise<void> {
		faults.push(await failWrites(instance, ...what));
	}

	/** Apply writes feed rows as well, but without a touch. */
	const failTouches = () => fail('data_sync_changes', ['insert', 'update'], 'new.touched is not null');

	/** Sends the page as another instance would, written `at` milliseconds from now. */
	function post(at: number, fields: Item) {
		const sent = batch([change({ collection: 'pages', item: slug, at: stamp(at), fields })]);
		return proxied<{ data: { results: Result[] } }>('/data-sync/changes', sent);
	}

	/** As a sender does, again while the answer is that it is to wait. */
	async function receive(at: number, fields: Item): Promise<Result> {
		return waitFor('an answer', async () => {
			const { status, body } = await post(at, fields);
			if (status === 503) return null;
			if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
			return body.data.results[0] as Result;
		});
	}

	async function proxied<T>(path: string, body: unknown): Promise<{ status: number; body: T }> {
		const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
		const answer = await fetch(new URL(path, proxy.url), { method: 'POST', headers, body: JSON.stringify(body) });
		return { status: answer.status, body: (await answer.json()) as T };
	}

	/**
	 * Until something waits for a lock, or is answered, where it does not have to wait. SQLite has one connection: who has it
	 * keeps everybody waiting, and there is nothing to see of them.
	 */
	async function waitUntilWaiting(request: Promise<unknown>): Promise<void> {
		if (vendor === 'sqlite') return;
		let answered = false;
		request.then(
			() => {
				answered = true;
			},
			() => {
				answered = true;
			},
		);
		await waitFor('somebody to wait for the lock', async () => {
			const [row] = await instance.sql<{ waiting: string }>(
				"select count(*) as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
			);
			return answered || Number(row?.waiting) > 0;
		});
	}

	async function waitUntilSettled(): Promise<void> {
		await waitFor('the page to be settled', async () => {
			const [row] = await instance.sql<{ seq: unknown; touched: unknown }>(
				"select seq, touched from data_sync_changes where collection = 'pages' and item = ?",
				[slug],
			);
			return row !== undefined && row.seq !== null && row.touched === null;
		});
	}
});
