/**
 * Batches that come in while another is applied wait without a connection to the database, a few of them, and only for as
 * long as somebody waits for the answer: the instance stays usable for its editors.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createContent } from '../support/content.ts';
import { allow, giveToken } from '../support/data-sync.ts';
import { hold, installHoldExtension } from '../support/hold-extension.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { waitFor } from '../support/wait-for.ts';
import { batch, change } from '../support/wire.ts';

/** More than the connections of Directus' default pool, which are ten. */
const SENDERS = 14;

type Sent = { item: string; status: number | null; retryAfter: string | null; done: Promise<void> };

let postgres: Postgres;
let receiver: Instance;
let token: string;

beforeAll(async () => {
	postgres = await startPostgres();
	receiver = await startInstance({ name: 'receiver', database: { postgres }, prepare: installHoldExtension });
	await createContent(receiver);
	await allow(receiver, ['articles']);
	token = await giveToken(receiver);
});

afterAll(async () => {
	await receiver?.destroy();
	await postgres?.stop();
});

function send(signal: AbortSignal | null = null): Sent {
	const item = crypto.randomUUID();
	const sent: Sent = { item, status: null, retryAfter: null, done: Promise.resolve() };
	const request = fetch(`${receiver.url}/data-sync/changes`, {
		method: 'POST',
		headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
		body: JSON.stringify(batch([change({ item })])),
		signal,
	});
	sent.done = request.then(
		(response) => {
			sent.status = response.status;
			sent.retryAfter = response.headers.get('retry-after');
		},
		() => undefined,
	);
	return sent;
}

const waitingForLocks = async (): Promise<number> => {
	const rows = await receiver.sql(
		"select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
	);
	return rows.length;
};
const exists = async ({ item }: Sent): Promise<boolean> => (await receiver.readItem('articles', item)) !== null;

test('an editor waits for none of them, and who is beyond a few is told when to come back', async () => {
	const held = await hold(receiver, 'data-sync', 'activity.create');
	const first = send();
	await held.untilHeld();
	const others = Array.from({ length: SENDERS }, () => send());

	await waitFor('an answer to those beyond a few', () => others.some(({ status }) => status !== null));
	const article = await receiver.createItem('articles', { title: 'By an editor' });
	expect(await receiver.readItem('articles', article.id as string)).toMatchObject({ title: 'By an editor' });
	expect(await waitingForLocks()).toBe(0);
	expect(first.status).toBeNull();

	await held.release();
	await Promise.all([first, ...others].map(({ done }) => done));
	const refused = others.filter(({ status }) => status === 503);
	expect(refused.length).toBeGreaterThan(0);
	for (const { retryAfter } of refused) expect(Number(retryAfter)).toBeGreaterThan(0);
	const applied = [first, ...others].filter(({ status }) => status === 200);
	expect(applied.length + refused.length).toBe(1 + SENDERS);
	for (const sent of applied) expect(await exists(sent)).toBe(true);
	for (const sent of refused) expect(await exists(sent)).toBe(false);
});

test('a batch whose sender has gone while it waited is not applied', async () => {
	const held = await hold(receiver, 'data-sync', 'activity.create');
	const first = send();
	await held.untilHeld();
	const gone = new AbortController();
	const waiting = [send(gone.signal), send(gone.signal)];
	// So many that they have come in when one of those behind them is refused.
	const others = Array.from({ length: SENDERS }, () => send());
	await waitFor('the queue to be full', () => others.some(({ status }) => status === 503));
	gone.abort();
	await Promise.all(waiting.map(({ done }) => done));
	await receiver.createItem('articles', { title: 'A request later' });

	await held.release();
	await Promise.all([first, ...others].map(({ done }) => done));
	expect(await Promise.all([first, ...waiting].map(exists))).toEqual([true, false, false]);
});
