/** A plan that allows no more active Flows: ours are created inactive, the admins are told, and all else works. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntilDelivered } from '../support/backlog.ts';
import { createContent, PAGES } from '../support/content.ts';
import { allow, connect, PUSH_FLOW, RESYNC_FLOW } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { installLate } from '../support/late-install.ts';
import { waitFor } from '../support/wait-for.ts';

/** What an unlicensed Directus 12 allows. */
const ACTIVE_FLOWS = 5;

let sender: Instance;
let receiver: Instance;

beforeAll(async () => {
	[sender, receiver] = await Promise.all([
		startInstance({ name: 'sender', extension: false }),
		startInstance({ name: 'receiver' }),
	]);
	for (let number = 1; number <= ACTIVE_FLOWS; number += 1) {
		await sender.data('POST', '/flows', { name: `Own ${number}`, trigger: 'webhook', status: 'active' });
	}
	await installLate(sender);
});

afterAll(() => Promise.all([sender.destroy(), receiver.destroy()]));

test('our Flows are there, inactive', async () => {
	for (const id of [PUSH_FLOW, RESYNC_FLOW]) {
		expect(await sender.data('GET', `/flows/${id}`)).toMatchObject({ status: 'inactive' });
	}
});

test('one line of the log and one notification for the admins say so, and what to do', async () => {
	const lines = (await sender.log()).split('\n').filter((line) => line.includes('Data Sync'));
	expect(lines).toHaveLength(1);
	expect(lines[0]).toMatch(/WARN.*no more active Flows.*push changes.*resync.*Deactivate a Flow/);

	const notifications = await sender.readItems('directus_notifications');
	expect(notifications).toHaveLength(1);
	expect(notifications[0]?.subject).toMatch(/Flow needs to be activated/);
});

test('another start tells nobody again', async () => {
	await sender.stop();
	await sender.start();
	await waitFor('Data Sync', async () => (await sender.api('GET', '/data-sync/info')).status === 200);
	expect(await sender.readItems('directus_notifications')).toHaveLength(1);
});

test('changes are remembered meanwhile, and sent once an admin has made room', async () => {
	await Promise.all([sender, receiver].map(createContent));
	await allow(receiver, ['pages']);
	await connect(sender, receiver, [PAGES]);
	await sender.createItem('pages', { slug: 'early', title: 'Before there was room' });

	const [own] = await sender.readItems('directus_flows', { filter: { name: { _eq: 'Own 1' } } });
	await sender.data('PATCH', `/flows/${own?.id}`, { status: 'inactive' });
	await sender.data('PATCH', `/flows/${PUSH_FLOW}`, { status: 'active' });
	await waitUntilDelivered(sender);
	expect(await receiver.readItem('pages', 'early')).toMatchObject({ title: 'Before there was room' });
});
