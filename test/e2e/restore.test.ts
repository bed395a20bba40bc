/** A database that was put back to an old backup, at the same address: nobody else is rolled back, and it gets back what it lost. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntilDelivered } from '../support/backlog.ts';
import { allow, connect } from '../support/data-sync.ts';
import { longText, text, textKey } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

const COLLECTION = 'pages';
const LISTING = [{ collection: COLLECTION, fields: ['title', 'body'] }];

let one: Instance;
let two: Instance;

beforeAll(async () => {
	[one, two] = await Promise.all([startInstance({ name: 'one' }), startInstance({ name: 'two' })]);

	for (const instance of [one, two]) {
		await instance.createCollection(COLLECTION, [textKey(), text('title'), longText('body')]);
		await allow(instance, [COLLECTION]);
	}
	await connect(one, two, LISTING);
	await connect(two, one, LISTING);
});

afterAll(async () => {
	await Promise.all([one, two].map((instance) => instance?.destroy()));
});

const file = (name: string) => join(one.directory, name);

async function delivered(): Promise<void> {
	for (const instance of [one, two]) await waitUntilDelivered(instance);
}

const pages = (instance: Instance) =>
	instance.data<{ id: string; title: string; body: string | null }[]>(
		'GET',
		`/items/${COLLECTION}?sort=id&fields=id,title,body`,
	);

test('what the restored instance, and its peer, wrote after the backup comes back, and deletions as well', async () => {
	for (const id of ['own', 'other', 'gone', 'quiet'])
		await one.createItem(COLLECTION, { id, title: 'before', body: 'before' });
	await delivered();
	await waitFor('all pages at two', async () => (await pages(two)).length === 4);

	await one.stop();
	await copyFile(file('data.db'), file('backup.db'));
	await one.start();
	await one.updateItem(COLLECTION, 'own', { title: 'after, by one' });
	await two.updateItem(COLLECTION, 'other', { title: 'after, by two' });
	await two.deleteItem(COLLECTION, 'gone');
	await one.createItem(COLLECTION, { id: 'new', title: 'after, by one' });
	const expected = [
		{ id: 'new', title: 'after, by one', body: null },
		{ id: 'other', title: 'after, by two', body: 'before' },
		{ id: 'own', title: 'after, by one', body: 'before' },
		{ id: 'quiet', title: 'before', body: 'before' },
	];
	for (const instance of [one, two]) {
		await waitFor(
			`all edits at ${instance.name}`,
			async () => JSON.stringify(await pages(instance)) === JSON.stringify(expected),
		);
	}
	await delivered();

	await one.stop();
	await copyFile(file('backup.db'), file('data.db'));
	await one.start();
	await waitFor('everything to be back', async () => JSON.stringify(await pages(one)) === JSON.stringify(expected));
	expect(await pages(two)).toEqual(expected);
});

test('after that both go on as ever', async () => {
	await delivered();
	await one.updateItem(COLLECTION, 'own', { title: 'once more, by one' });
	await two.updateItem(COLLECTION, 'other', { title: 'once more, by two' });
	for (const instance of [one, two]) {
		await waitFor(`the new edits at ${instance.name}`, async () => {
			const titles = (await pages(instance)).map(({ title }) => title);
			return titles.includes('once more, by one') && titles.includes('once more, by two');
		});
	}
});
