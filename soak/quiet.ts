/** After the storm: everything must be delivered, everywhere equal, and then the wires must fall silent. */
import { setTimeout as pause } from 'node:timers/promises';
import { itemId } from '../src/replication/change.ts';
import type { Item } from '../test/support/api.ts';
import { readBacklog, waitUntilDelivered } from '../test/support/backlog.ts';
import type { Instance } from '../test/support/instance.ts';
import type { Link } from '../test/support/link.ts';
import type { Content } from './judge.ts';
import { LISTING } from './mesh.ts';

const KEYS: Record<string, string> = { pages: 'slug' };

/** Waits until nobody owes anybody anything, and nothing is sent for a moment; resolves to a fault, or null. */
export async function untilDelivered(instances: Instance[], links: Link[], patience: number): Promise<string | null> {
	const until = Date.now() + patience;

	try {
		for (let sent = -1; sent !== batches(links); ) {
			sent = batches(links);
			// What one has delivered another may have to pass on.
			for (const instance of instances) {
				await waitUntilDelivered(instance, { timeoutMs: Math.max(1, until - Date.now()) });
			}
		}
		return null;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}

/** How many batches are sent although nothing changes. */
export async function listen(links: Link[], silence: number): Promise<number> {
	const before = batches(links);
	await pause(silence);
	return batches(links) - before;
}

export const batches = (links: Link[]): number => links.reduce((sum, { traffic }) => sum + traffic.batches, 0);

/** The shared fields of every item, by the API, in the form that all databases share. */
export async function readContent(instance: Instance): Promise<Content> {
	const content = new Map<string, Item>();

	for (const { collection, fields } of LISTING) {
		const key = KEYS[collection] ?? 'id';
		const items = await instance.readItems(collection, { fields: [key, ...fields].join() });
		for (const item of items) content.set(itemId(collection, String(item[key])), item);
	}

	return content;
}

/** What each instance's feed holds, in a few words, for the report of a failure. */
export async function describeFeed(instance: Instance): Promise<string> {
	const { deliveries, ...backlog } = await readBacklog(instance);
	const log = (await instance.log()).split('\n').filter((line) => /ERROR|Data Sync/.test(line));
	return `${instance.name}: ${JSON.stringify({ ...backlog, deliveries })}\n${log.slice(-15).join('\n')}`;
}

export async function feedRow(instance: Instance, id: string): Promise<string> {
	const [collection, item] = id.split(itemId('', ''));
	const [row] = await instance.sql(
		'select seq, touched, rev, life, born, stamps, path from data_sync_changes where collection = ? and item = ?',
		[collection as string, item as string],
	);
	return `${instance.name}: ${JSON.stringify(row ?? null)}`;
}
