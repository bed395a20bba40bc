/** Nothing that Directus has acknowledged is lost: not while a remote is down, not by restarts, not by crashes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { readBacklog, waitUntilDelivered } from '../support/backlog.ts';
import { CONTENT, createContent } from '../support/content.ts';
import { connectAll, DATA_SYNC_USER, giveToken, SOURCES } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

const MINUTE = 60_000;

let sender: Instance;
let receiver: Instance;

beforeAll(async () => {
	[sender, receiver] = await Promise.all([startInstance({ name: 'sender' }), startInstance({ name: 'receiver' })]);
	await Promise.all([sender, receiver].map(createContent));
	await connectAll([sender, receiver], CONTENT);
});

afterAll(() => Promise.all([sender.destroy(), receiver.destroy()]));

test('100 edits while the remote is down, with a restart of the sender in between, all arrive', async () => {
	const known = await createArticles(40, 'Known');
	await waitUntilDelivered(sender);
	await receiver.stop();

	await createArticles(20, 'Created');
	for (const id of known.slice(0, 20)) await sender.updateItem('articles', id, { title: `Edited ${id}` });
	for (const id of known.slice(20, 30)) await sender.deleteItem('articles', id);
	await sender.stop();
	await sender.start();
	await createArticles(20, 'Created after the restart');
	for (const id of known.slice(0, 20)) await sender.updateItem('articles', id, { body: `Edited again ${id}` });
	for (const id of known.slice(30)) await sender.deleteItem('articles', id);

	const { behind } = await readBacklog(sender);
	expect(behind.receiver).toBeGreaterThan(0);
	await receiver.start();
	await expectEqual();
	expect(await receiver.readItems('articles')).toHaveLength(60);
});

test('edits that were acknowledged right before the sender was killed all arrive after its restart', async () => {
	const before = await createArticles(10, 'Before the crash');
	await waitUntilDelivered(sender);

	await Promise.all([
		...Array.from({ length: 5 }, (_, index) => sender.createItem('articles', { title: `Single ${index}` })),
		sender.createItems('articles', titles(20, 'In a batch')),
		sender.data('PATCH', '/items/articles', { keys: before.slice(0, 4), data: { body: 'By keys' } }),
		sender.data('DELETE', '/items/articles', before.slice(8)),
	]);
	await sender.data(
		'PATCH',
		'/items/articles',
		before.slice(4, 8).map((id) => ({ id, body: `Item by item ${id}` })),
	);
	await sender.kill();
	await sender.start();
	await expectEqual();
});

test('a sender killed again and again, while the remote comes and goes, catches up in the end', async () => {
	for (let round = 0; round < 2; round += 1) {
		await createArticles(5, `Round ${round}, both up`);
		await receiver.kill();
		await createArticles(5, `Round ${round}, alone`);
		await sender.kill();
		await Promise.all([sender.start(), receiver.start()]);
	}
	await expectEqual();
});

test('a receiver killed in the middle of a large batch has all of it in the end, once', async () => {
	await sender.createItems('articles', titles(300, 'Large batch'));
	await waitFor('the batch to be on its way', async () => {
		const [row] = await sender.sql('select 1 from data_sync_leases where owner is not null');
		const [unfinished] = await sender.sql('select 1 from data_sync_changes where seq is null');
		return row !== undefined || unfinished === undefined;
	});
	await receiver.kill();
	await receiver.start();
	await expectEqual();
});

test('a remote that was gone for long is sent what has waited for it as soon as it contacts us', async () => {
	await receiver.stop();
	await createArticles(3, 'While it was gone for long');
	const [paused] = await pauseForLong();
	expect(paused?.unanswered_since).not.toBeNull();

	await receiver.start();
	await expectEqual();
	expect(Date.now()).toBeLessThan(Number(paused?.next_attempt_at) - 10 * MINUTE);
	expect(await checkpoints()).toEqual([{ attempts: 0, next_attempt_at: null, unanswered_since: null }]);
});

test('but not one whose key is refused: it is not for being up that it has to wait', async () => {
	const [source] = await sender.readItems(SOURCES);
	await receiver.data('PATCH', `/users/${DATA_SYNC_USER}`, { token: 'another' });
	await createArticles(1, 'While the key is wrong');
	const [paused] = await pauseForLong();
	expect(paused?.unanswered_since).toBeNull();

	await receiver.createItem('articles', { title: 'A contact' });
	await waitUntilDelivered(receiver);
	await sleep(2000);
	expect(await checkpoints()).toEqual([paused]);

	await receiver.data('PATCH', `/users/${DATA_SYNC_USER}`, { token: await giveToken(receiver) });
	await sender.updateItem(SOURCES, source?.id as string, { name: 'receiver' });
	await expectEqual();
});

/** As the sender has them of its one source. */
const checkpoints = () =>
	sender.sql("select attempts, next_attempt_at, unanswered_since from data_sync_checkpoints where source <> 'apply'");

/** What twenty failures in a row come to, once the source has failed; without waiting for them. */
async function pauseForLong(): Promise<Item[]> {
	return waitFor('the pause to have grown', async () => {
		const [{ attempts } = {}] = await checkpoints();
		if (!attempts) return false;
		const until = Date.now() + 15 * MINUTE;
		await sender.sql('update data_sync_checkpoints set attempts = 20, next_attempt_at = ?', [until]);
		// An attempt that was being made may end after that.
		await sleep(2000);
		const rows = await checkpoints();
		return rows[0]?.attempts === 20 && rows;
	});
}

async function createArticles(count: number, title: string): Promise<string[]> {
	const ids: string[] = [];
	for (const article of titles(count, title)) ids.push((await sender.createItem('articles', article)).id as string);
	return ids;
}

function titles(count: number, title: string): { title: string }[] {
	return Array.from({ length: count }, (_, index) => ({ title: `${title} ${index}` }));
}

/** All is delivered, nothing is left waiting or half noted, and both hold the same. */
async function expectEqual(): Promise<void> {
	await waitUntilDelivered(sender, { timeoutMs: 100_000 });
	const [here, there] = await Promise.all([sender.readItems('articles'), receiver.readItems('articles')]);
	expect(there).toEqual(here);
	expect(await sender.sql('select * from data_sync_writes')).toEqual([]);
}
