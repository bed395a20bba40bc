/**
 * `kill -9` at each exact point of a change's way, and in the middle of bursts. What was answered before arrives; the
 * route by which it is recovered is the one that the architecture names.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { readBacklog, waitUntilDelivered } from '../support/backlog.ts';
import { ARTICLES, AUTHORS, createContent, PAGES } from '../support/content.ts';
import { allow, connect } from '../support/data-sync.ts';
import { type FailingWrites, failWrites } from '../support/failing-writes.ts';
import { type Hold, hold, installHoldExtension } from '../support/hold-extension.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import type { DatabaseChoice } from '../support/instance-database.ts';
import { type Link, startLink } from '../support/link.ts';
import { waitFor } from '../support/wait-for.ts';
import { startWriter, type Writer } from '../support/writer.ts';

const LISTING = [AUTHORS, ARTICLES, PAGES];
const KILLS = 6;
/** Each kill is a restart of Directus as well, on a machine that may be busy. Milliseconds. */
const PATIENCE = 600_000;

export function describeKillPoints(title: string, databases: () => Promise<[DatabaseChoice, DatabaseChoice]>): void {
	describe(title, () => {
		let sender: Instance;
		let receiver: Instance;
		let links: Link[];
		let link: Link;
		let holding: Hold | undefined;
		const faults: FailingWrites[] = [];

		beforeAll(async () => {
			const [here, there] = await databases();
			[sender, receiver] = await Promise.all([
				startInstance({ name: 'sender', database: here, prepare: installHoldExtension }),
				startInstance({ name: 'receiver', database: there, prepare: installHoldExtension }),
			]);
			const collections = LISTING.map(({ collection }) => collection);
			for (const instance of [sender, receiver]) {
				await createContent(instance);
				await allow(instance, collections);
			}
			link = await startLink('there', () => receiver.url);
			links = [link, await startLink('back', () => sender.url)];
			await connect(sender, receiver, LISTING, { url: link.url });
			await connect(receiver, sender, LISTING, { url: links[1]?.url ?? '' });
		});

		afterAll(async () => {
			await Promise.all([sender, receiver].map((instance) => instance.destroy()));
			await Promise.all(links.map((each) => each.close()));
		});

		afterEach(async () => {
			await holding?.release();
			for (const each of faults.splice(0)) await each.lift();
			for (const each of links) each.set('open');
			for (const instance of [sender, receiver]) if (!instance.running) await instance.start();
		});

		test('between the commit and the touch: the marker and the activity log bring it back', async () => {
			const known = await createKnown(6);
			// Apply writes feed rows as well, but without a touch.
			faults.push(await failWrites(sender, 'data_sync_changes', ['insert', 'update'], 'new.touched is not null'));
			const kept = await editInEveryWay(known);
			const { unnoted, unsettled } = await readBacklog(sender);
			expect(unnoted).toBeGreaterThan(0);
			expect(unsettled).toBe(0);

			await sender.kill();
			await faults.pop()?.lift();
			await sender.start();
			await expectArrived(kept);
		});

		test('between the commit and the touch, the first edit of an old item: it overrules only what it has changed', async () => {
			const id = randomUUID();
			for (const instance of [sender, receiver]) {
				await instance.sql("insert into articles (id, title, body) values (?, 'Old', 'Old')", [id]);
			}
			for (const each of links) each.set('refuse');
			await receiver.updateItem('articles', id, { title: 'Edited at the receiver' });
			faults.push(await failWrites(sender, 'data_sync_changes', ['insert', 'update'], 'new.touched is not null'));
			await sender.updateItem('articles', id, { body: 'Edited at the sender' });

			await sender.kill();
			await faults.pop()?.lift();
			for (const each of links) each.set('open');
			await sender.start();
			await expectArrived([{ id, title: 'Edited at the receiver' }]);
			expect(await receiver.readItem('articles', id)).toMatchObject({ body: 'Edited at the sender' });
		});

		test('between the touch and the settling: the unsettled row brings it back', async () => {
			const known = await createKnown(6);
			faults.push(await failWrites(sender, 'data_sync_state', ['update']));
			const kept = await editInEveryWay(known);
			await waitFor('the touches', async () => {
				const { unnoted, unsettled } = await readBacklog(sender);
				return unnoted === 0 && unsettled > 0;
			});
			expect((await readBacklog(sender)).behind.receiver).toBe(0);

			await sender.kill();
			await faults.pop()?.lift();
			await sender.start();
			await expectArrived(kept);
		});

		test('between the settling and the push: the checkpoint brings it back', async () => {
			const known = await createKnown(6);
			link.set('hang');
			const kept = await editInEveryWay(known);
			await waitFor('the settling', async () => {
				const { unnoted, unsettled, behind } = await readBacklog(sender);
				return unnoted === 0 && unsettled === 0 && (behind.receiver ?? 0) > 0;
			});

			await sender.kill();
			link.set('open');
			await sender.start();
			await expectArrived(kept);
		});

		describe.each([
			['the receiver', () => receiver],
			['the sender', () => sender],
		])("between the receiver's commit and its answer, %s", (_who, victim) => {
			test('the checkpoint has not moved, and the batch that is sent again changes nothing', async () => {
				link.set('swallow');
				const { id } = await sender.createItem('articles', { title: 'Applied, not answered' });
				await waitFor('the commit', () => receiver.readItem('articles', id as string));
				expect((await readBacklog(sender)).behind.receiver).toBeGreaterThan(0);

				await victim().kill();
				link.set('open');
				await victim().start();
				await expectArrived([{ id: id as string, title: 'Applied, not answered' }]);
				const filter = { collection: { _eq: 'articles' }, item: { _eq: id } };
				expect(await receiver.readItems('directus_revisions', { filter })).toHaveLength(1);
			});
		});

		test('in the middle of an apply: it is rolled back and done again', async () => {
			holding = await hold(receiver, 'data-sync', 'activity.create');
			const { id } = await sender.createItem('articles', { title: 'Half applied' });
			await holding.untilHeld();
			await receiver.kill();
			await holding.release();
			await receiver.start();
			await expectArrived([{ id: id as string, title: 'Half applied' }]);
		});

		test('in the middle of a save that was never answered: nothing of it is left, here or there', async () => {
			holding = await hold(sender, 'editor', 'activity.create');
			const saved = sender.createItem('pages', { slug: 'unanswered', title: 'Never answered' }).then(
				() => 'answered',
				() => 'broken off',
			);
			await holding.untilHeld();
			await sender.kill();
			await holding.release();
			await sender.start();
			expect(await saved).toBe('broken off');
			await expectArrived([]);
			expect(await sender.readItem('pages', 'unanswered')).toBeNull();
		});

		test(
			`${KILLS} times in the middle of bursts, one or the other: every write that was answered arrives`,
			async () => {
				const writers = [sender, sender, sender, receiver].map((instance, index) => startWriter(instance, index));

				for (let round = 0; round < KILLS; round += 1) {
					const victim = round % 2 === 0 ? sender : receiver;
					const before = answeredBy(writers);
					await waitFor('a burst', () => answeredBy(writers) >= before + 12, { intervalMs: 5 });
					await victim.kill();
					await victim.start();
				}

				await Promise.all(writers.map((writer) => writer.stop()));
				await expectArrived([]);
				const there = new Map((await receiver.readItems('articles')).map((item) => [item.id, item.title]));
				for (const { id, titles } of writers.flatMap((writer) => writer.items))
					expect(titles).toContain(there.get(id) ?? null);
			},
			PATIENCE,
		);

		/** Items that both have. */
		async function createKnown(count: number): Promise<string[]> {
			const items = Array.from({ length: count }, (_, index) => ({ title: `Known ${index}` }));
			const ids = (await sender.createItems('articles', items)).map(({ id }) => id as string);
			await waitUntilDelivered(sender);
			return ids;
		}

		/** One write of each kind; gives what is to be there in the end. */
		async function editInEveryWay([one, two, three, four, five, six]: string[]): Promise<Item[]> {
			const created = await sender.createItems('articles', [{ title: 'Created 1' }, { title: 'Created 2' }]);
			const single = await sender.createItem('articles', { title: 'Created', author: { name: 'Nested' } });
			await sender.updateItem('articles', one as string, { title: 'Edited' });
			await sender.data(
				'PATCH',
				'/items/articles',
				[two, three].map((id) => ({ id, title: `Edited ${id}` })),
			);
			await sender.data('PATCH', '/items/articles', { keys: [four], data: { title: 'Edited by keys' } });
			await sender.data('DELETE', '/items/articles', [five, six]);
			return [
				...[...created, single].map(({ id, title }) => ({ id, title })),
				{ id: one, title: 'Edited' },
				...[two, three].map((id) => ({ id, title: `Edited ${id}` })),
				{ id: four, title: 'Edited by keys' },
				...[five, six].map((id) => ({ id, title: null })),
			];
		}

		/** @param kept title null: the item is gone */
		async function expectArrived(kept: Item[]): Promise<void> {
			for (const instance of [sender, receiver]) await waitUntilDelivered(instance, { timeoutMs: 100_000 });
			const [here, there] = await Promise.all([sender, receiver].map((instance) => instance.readItems('articles')));
			expect(there?.map(comparable)).toEqual(here?.map(comparable));
			const byId = new Map(there?.map((item) => [item.id, item.title]));
			for (const { id, title } of kept) expect(byId.get(id) ?? null).toBe(title);
			for (const instance of [sender, receiver])
				expect(await instance.sql('select * from data_sync_writes')).toEqual([]);
		}
	});
}

const comparable = ({ id, title, body, author }: Item): Item => ({ id, title, body, author });

const answeredBy = (writers: Writer[]): number => writers.reduce((sum, { answered }) => sum + answered(), 0);
