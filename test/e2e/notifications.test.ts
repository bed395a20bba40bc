/** One notification when a source starts failing and one when it has recovered, to those it names. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { createContent, PAGES } from '../support/content.ts';
import { allow, connect, giveToken, SOURCES } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

let sender: Instance;
let receiver: Instance;
let source: string;
let admin: string;

beforeAll(async () => {
	[sender, receiver] = await Promise.all([startInstance({ name: 'sender' }), startInstance({ name: 'receiver' })]);
	await Promise.all([sender, receiver].map(createContent));
	await allow(receiver, ['pages']);
	admin = (await sender.data<{ id: string }>('GET', '/users/me')).id;
	await sender.data('POST', '/users', { email: 'not-chosen@example.com' });
	source = await connect(sender, receiver, [PAGES], { name: 'Production', notify: [admin] });
	await sender.createItem('pages', { slug: 'start', title: 'Start' });
	await waitUntilDelivered(sender);
});

afterAll(() => Promise.all([sender.destroy(), receiver.destroy()]));

const notifications = () => sender.readItems('directus_notifications', { sort: 'id' });
const count = async (expected: number): Promise<Item[]> =>
	waitFor(`${expected} notifications`, async () => {
		const found = await notifications();
		return found.length >= expected && found;
	});
const attempts = async () => {
	const [row] = await sender.sql<{ attempts: number }>('select attempts from data_sync_checkpoints');
	return row?.attempts ?? 0;
};

test('none while all goes well', async () => {
	expect(await notifications()).toEqual([]);
});

test('one when a remote is down, however many edits and attempts follow', async () => {
	await receiver.stop();
	for (let edit = 0; edit < 5; edit += 1) await sender.updateItem('pages', 'start', { title: `Edit ${edit}` });
	const [first] = await count(1);
	expect(first).toMatchObject({ recipient: admin, subject: expect.stringContaining('Production') });
	expect(first?.message).toMatch(/Since .*UTC/);
	expect(first?.message).toMatch(/can't be reached \(ECONNREFUSED\)/);
	expect(first?.message).toMatch(/Nothing is lost/);

	const [row] = await sender.readItems(SOURCES);
	expect(row?.last_error).toMatch(/can't be reached/);

	const before = await attempts();
	await sender.createItem('pages', { slug: 'more', title: 'More' });
	// A change of the source tries it at once, so that no backoff has to be waited for.
	await sender.updateItem(SOURCES, source, { name: 'Production!' });
	await waitFor('another attempt', async () => (await attempts()) > before);
	expect(await notifications()).toHaveLength(1);
});

test('one when it has recovered, and the error is gone', async () => {
	await receiver.start();
	await sender.updateItem(SOURCES, source, { name: 'Production' });
	await waitUntilDelivered(sender);
	const [, second] = await count(2);
	expect(second).toMatchObject({
		recipient: admin,
		subject: expect.stringMatching(/"Production!?" receives changes again/),
	});
	const [row] = await sender.readItems(SOURCES);
	expect(row).toMatchObject({ last_error: null });
	expect(row?.last_synced_at).toBeTruthy();

	await sender.createItem('pages', { slug: 'after', title: 'After' });
	await waitFor('it to arrive', () => receiver.readItem('pages', 'after'));
	expect(await notifications()).toHaveLength(2);
});

test('at once when it will not pass by itself, such as a wrong key', async () => {
	await sender.updateItem(SOURCES, source, { api_key: 'not-the-token' });
	await sender.createItem('pages', { slug: 'locked-out', title: 'Locked out' });
	const third = (await count(3))[2];
	expect(third?.message).toMatch(/refuses the API key.*static token/);
	expect(third?.message).not.toContain('not-the-token');

	await sender.updateItem(SOURCES, source, { api_key: await giveToken(receiver) });
	await waitUntilDelivered(sender);
	await count(4);
	expect(await receiver.readItem('pages', 'locked-out')).toMatchObject({ title: 'Locked out' });
	expect(await notifications()).toHaveLength(4);
});

test('nobody else is told', async () => {
	expect(new Set((await notifications()).map(({ recipient }) => recipient))).toEqual(new Set([admin]));
});
