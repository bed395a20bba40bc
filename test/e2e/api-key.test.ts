/** A source's API key can be used and replaced, but never read: not by admins, not in the database, not in logs. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntilDelivered } from '../support/backlog.ts';
import { createContent, PAGES } from '../support/content.ts';
import { allow, connect, giveToken, resync, SOURCES } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

const WRONG_KEY = 'a-wrong-key-that-must-stay-secret';

let sender: Instance;
let receiver: Instance;
let key: string;
let source: string;

beforeAll(async () => {
	const env = { LOG_LEVEL: 'debug' };
	[sender, receiver] = await Promise.all([
		startInstance({ name: 'sender', env }),
		startInstance({ name: 'receiver', env }),
	]);
	await Promise.all([sender, receiver].map(createContent));
	await allow(receiver, ['pages']);
	key = await giveToken(receiver);
	source = await connect(sender, receiver, [PAGES]);
	await sender.createItem('pages', { slug: 'works', title: 'The key works' });
	await waitFor('the page', () => receiver.readItem('pages', 'works'));
	await waitUntilDelivered(sender);
});

afterAll(() => Promise.all([sender.destroy(), receiver.destroy()]));

test('it stays secret through all that a source goes through', async () => {
	await sender.updateItem(SOURCES, source, { api_key: WRONG_KEY });
	await sender.updateItem('pages', 'works', { title: 'Not with a wrong key' });
	await waitFor('the refusal', async () => (await sender.readItem(SOURCES, source))?.last_error);
	await sender.updateItem(SOURCES, source, { api_key: key });
	await waitUntilDelivered(sender);
	await receiver.stop();
	await sender.updateItem('pages', 'works', { title: 'Not while it is down' });
	await waitFor('the outage', async () => /reached/.test(String((await sender.readItem(SOURCES, source))?.last_error)));
	await resync(sender, SOURCES, [source]);
	await sender.data('DELETE', `/items/${SOURCES}`, [
		await connect(sender, receiver, [PAGES], { name: 'short-lived', status: 'draft' }),
	]);
	await receiver.start();
	await sender.updateItem(SOURCES, source, { name: 'renamed' });
	await waitUntilDelivered(sender);
});

test('admins see a mask', async () => {
	const one = await sender.readItem(SOURCES, source);
	expect(one?.api_key).toMatch(/^\*+$/);
	const answers = [
		await sender.api('GET', `/items/${SOURCES}?fields=*.*`),
		await sender.api('GET', `/items/${SOURCES}?groupBy[]=api_key&aggregate[count]=*`),
		await sender.api('GET', `/items/${SOURCES}?fields=id&alias[token]=api_key&fields[]=token`),
		await sender.api('GET', '/data-sync/status'),
		await sender.api('POST', '/graphql', { query: `{ ${SOURCES} { id api_key } }` }),
	];
	for (const answer of answers) expect(JSON.stringify(answer.body)).not.toContain(key);
});

test('a mask that the Studio sends back keeps the key', async () => {
	await sender.updateItem(SOURCES, source, { name: 'saved again', api_key: '**********' });
	await sender.updateItem('pages', 'works', { title: 'It still works' });
	await waitUntilDelivered(sender);
	expect(await receiver.readItem('pages', 'works')).toMatchObject({ title: 'It still works' });
});

test('revisions and the activity log do not have it', async () => {
	const revisions = await sender.readItems('directus_revisions', { filter: { collection: { _eq: SOURCES } } });
	expect(revisions.length).toBeGreaterThan(0);
	const activity = await sender.readItems('directus_activity');
	const flows = await sender.api('GET', '/flows?fields=*.*');
	for (const text of [revisions, activity, flows].map((each) => JSON.stringify(each))) {
		expect(text).not.toContain(key);
		expect(text).not.toContain(WRONG_KEY);
	}
	const stored = JSON.stringify(await sender.sql('select * from directus_revisions'));
	expect(stored).not.toContain(key);
});

test('neither the files of the database nor the log hold it in clear', async () => {
	await sender.stop();
	for (const [folder, secrets] of [
		[sender.directory, [key, WRONG_KEY]],
		[receiver.directory, [WRONG_KEY]],
	] as const) {
		const files = (await readdir(folder)).filter((name) => /^data\.db|\.log$/.test(name));
		expect(files).toEqual(expect.arrayContaining(['data.db', 'directus.log']));
		for (const file of files) {
			const bytes = await readFile(join(folder, file));
			for (const secret of secrets) expect(bytes.includes(secret), `${secret} in ${file}`).toBe(false);
		}
	}
	const log = await receiver.log();
	expect(log.includes(key)).toBe(false);
});
