/** Two instances count up to one key. Deleting one of the two items heals it, with nobody doing anything else. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { createContent, TICKETS } from '../support/content.ts';
import { allow, connect, DELIVERIES, resync, SOURCES, setStatus } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

let north: Instance;
let south: Instance;
let southward: string;
let northward: string;

beforeAll(async () => {
	[north, south] = await Promise.all([startInstance({ name: 'north' }), startInstance({ name: 'south' })]);
	await Promise.all([north, south].map(createContent));
	await Promise.all([north, south].map((instance) => allow(instance, ['tickets'])));
	southward = await connect(north, south, [TICKETS]);
	northward = await connect(south, north, [TICKETS]);
}, 300_000);

afterAll(() => Promise.all([north, south].map((instance) => instance?.destroy())));

const publish = async (status: 'published' | 'draft') => {
	await setStatus(north, southward, status);
	await setStatus(south, northward, status);
};
const deliveries = (instance: Instance) => instance.readItems(DELIVERIES);
const everywhere = (key: number, title: string | null) =>
	waitFor(`ticket ${key} to be ${title} everywhere`, async () => {
		const found = await Promise.all([north, south].map((instance) => instance.readItem('tickets', key)));
		if (found.some((item) => (item?.title ?? null) !== title)) throw new Error(JSON.stringify(found));
		return true;
	});
const healed = async () => {
	for (const instance of [north, south]) await waitUntilDelivered(instance);
	const [ours, theirs] = await Promise.all([north, south].map((each) => each.readItems('tickets', { sort: 'id' })));
	expect(ours).toEqual(theirs);
};

/** Both create a ticket while they do not hear of each other; gives the key that both have counted up to. */
async function collide(): Promise<number> {
	await publish('draft');
	const ours = await north.createItem('tickets', { title: 'Of north' });
	const theirs = await south.createItem('tickets', { title: 'Of south' });
	expect(ours.id).toBe(theirs.id);
	await publish('published');
	const key = ours.id as number;

	for (const instance of [north, south]) {
		const [delivery] = await waitFor(`a refusal at ${instance.name}`, async () => {
			const rows = await deliveries(instance);
			return rows.length === 1 && rows;
		});
		expect(delivery).toMatchObject({ collection: 'tickets', item: String(key), code: 'key_conflict' } satisfies Item);
	}

	expect(await north.readItem('tickets', key)).toMatchObject({ title: 'Of north' });
	expect(await south.readItem('tickets', key)).toMatchObject({ title: 'Of south' });
	return key;
}

test('once one of the two is deleted the other one is everywhere, and goes on like any item', async () => {
	const key = await collide();
	await north.deleteItem('tickets', key);
	await everywhere(key, 'Of south');
	await healed();

	await north.updateItem('tickets', key, { title: 'Edited in the north' });
	await everywhere(key, 'Edited in the north');
	await south.updateItem('tickets', key, { title: 'Edited in the south' });
	await everywhere(key, 'Edited in the south');
	const again = await north.createItem('tickets', { title: 'Of north, again' });
	expect(again.id).not.toBe(key);
	await everywhere(again.id as number, 'Of north, again');
	await south.deleteItem('tickets', key);
	await everywhere(key, null);
	await healed();
});

test('deleting both leaves none, and the key can be given again', async () => {
	const key = await collide();
	await publish('draft');
	await north.deleteItem('tickets', key);
	await south.deleteItem('tickets', key);
	await publish('published');
	await everywhere(key, null);
	await healed();
	await south.createItem('tickets', { id: key, title: 'Chosen' });
	await everywhere(key, 'Chosen');
	await healed();
});

test('what everybody is told again changes nothing', async () => {
	const key = await collide();
	await south.deleteItem('tickets', key);
	await everywhere(key, 'Of north');
	await healed();
	await resync(north, SOURCES, [southward]);
	await resync(south, SOURCES, [northward]);
	await healed();
	expect(await south.readItem('tickets', key)).toMatchObject({ title: 'Of north' });
});

test('where only one of them sends, it is told at its next attempt', async () => {
	const key = await collide();
	await setStatus(south, northward, 'draft');
	await south.deleteItem('tickets', key);
	await north.updateItem(SOURCES, southward, { name: 'Saved' });
	await everywhere(key, 'Of north');
	await setStatus(south, northward, 'published');
	await healed();
});
