/** JSON that nests deeper than Directus itself would take, as other programs store it: it stops nobody else. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allow, connect, DELIVERIES, resync, SOURCES } from '../support/data-sync.ts';
import { json, text, uuidKey } from '../support/fields.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

const DEPTHS = [400, 2_000, 3_000, 100_000];
const idOf = (depth: number) => `00000000-0000-4000-8000-${String(depth).padStart(12, '0')}`;
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

let sender: Instance;
let receiver: Instance;

beforeAll(async () => {
	[sender, receiver] = await Promise.all([startInstance({ name: 'sender' }), startInstance({ name: 'receiver' })]);
	for (const instance of [sender, receiver])
		await instance.createCollection('docs', [uuidKey(), text('title'), json('body')]);
	await allow(receiver, ['docs']);
	for (const depth of DEPTHS) {
		const values = [idOf(depth), String(depth), nested(depth)];
		await sender.sql('insert into docs (id, title, body) values (?, ?, ?)', values);
	}
	await connect(sender, receiver, [{ collection: 'docs', fields: ['title', 'body'] }]);
});

afterAll(() => Promise.all([sender, receiver].map((instance) => instance?.destroy())));

test('what is too deep is told of by name, and all else arrives', async () => {
	const { id } = await sender.createItem('docs', { title: 'Plain', body: { a: [1] } });
	await waitFor('the resync Flow to know the collection', () => resync(sender, 'docs'));
	const refused = await waitFor('the deliveries', async () => {
		const rows = await sender.readItems(DELIVERIES, { sort: 'item' });
		if (rows.length !== 3) throw new Error(JSON.stringify([rows, await sender.readItems(SOURCES)]));
		return rows;
	});
	for (const [index, row] of refused.entries()) {
		expect(row).toMatchObject({
			item: idOf(DEPTHS[index + 1] as number),
			status: 'failed',
			code: 'invalid_value',
			message: expect.stringMatching(/"body".*500 levels deep.*Make it flatter/),
		});
	}
	await waitFor('the plain one', () => receiver.readItem('docs', id as string));
	expect(await receiver.sql('select body from docs where id = ?', [idOf(400)])).toEqual([{ body: nested(400) }]);
	expect(await receiver.sql('select id from docs')).toHaveLength(2);
});
