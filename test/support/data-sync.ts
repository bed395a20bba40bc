/** Connecting instances the way an administrator does: a token, permissions, a remote source. */
import { randomUUID } from 'node:crypto';
import type { Item, Key } from './api.ts';
import type { Instance } from './instance.ts';

/** Ids people rely on; written out here so that a test fails when the product changes them. */
export const DATA_SYNC_USER = '7c6b6863-d298-453d-a192-4a343eb7ddd3';
export const DATA_SYNC_POLICY = '2e76994c-a4eb-47ac-b811-e4692ad9de5e';
export const PUSH_FLOW = '39fd336f-5e60-4ab0-ab00-f9046faa3fc7';
export const RESYNC_FLOW = '43627ac8-b3a9-4454-858b-7a4cb965bf6e';
export const SOURCES = 'data_sync_remote_sources';
export const DELIVERIES = 'data_sync_deliveries';

export type Action = 'create' | 'read' | 'update' | 'delete';

/** One entry of a source's `schema`. */
export type ListingInput = {
	collection: string;
	fields: string[];
	filter?: Record<string, unknown>;
	events?: Array<'create' | 'update' | 'delete'>;
};

export type SourceOptions = {
	name?: string;
	status?: 'published' | 'draft' | 'archived';
	/** Another address than the remote's own, such as a proxy's. */
	url?: string;
	/** Users to tell of outages and refusals. */
	notify?: string[];
};

const tokens = new WeakMap<Instance, string>();

/** Sets a static token for the Data Sync user of an instance; the same one on every call. */
export async function giveToken(instance: Instance): Promise<string> {
	const known = tokens.get(instance);
	if (known) return known;
	const token = `data-sync-${randomUUID()}`;
	await instance.data('PATCH', `/users/${DATA_SYNC_USER}`, { token });
	tokens.set(instance, token);
	return token;
}

/** Lets the Data Sync user of an instance change items of these collections, in all their fields. */
export async function allow(
	instance: Instance,
	collections: string[],
	actions: Action[] = ['create', 'update', 'delete'],
): Promise<void> {
	const permissions = collections.flatMap((collection) =>
		actions.map((action) => ({ policy: DATA_SYNC_POLICY, collection, action, fields: ['*'] })),
	);
	await instance.data('POST', '/permissions', permissions);
}

/** Makes `to` a remote source of `from`; gives the source's id. */
export async function connect(
	from: Instance,
	to: Instance,
	listing: ListingInput[],
	{ name = to.name, status = 'published', url = to.url, notify = [] }: SourceOptions = {},
): Promise<string> {
	const users_notification = notify.map((user) => ({ directus_users_id: user }));
	const source: Item = { name, url, api_key: await giveToken(to), status, schema: listing, users_notification };
	const { id } = await from.createItem(SOURCES, source);
	return id as string;
}

/**
 * A full mesh: every instance may receive what is listed and pushes it to every other.
 * @param collections those that the listing stands for, where they are more than it names
 */
export async function connectAll(
	instances: Instance[],
	listing: ListingInput[],
	collections = listing.map((entry) => entry.collection),
): Promise<void> {
	await Promise.all(instances.map((instance) => allow(instance, collections)));

	for (const from of instances) {
		for (const to of instances) {
			if (from !== to) await connect(from, to, listing);
		}
	}
}

/** Switches a source on or off. */
export async function setStatus(instance: Instance, source: Key, status: 'published' | 'draft'): Promise<void> {
	await instance.updateItem(SOURCES, source, { status });
}

/** Switches the Flow that pushes by itself. */
export async function setPushFlow(instance: Instance, status: 'active' | 'inactive'): Promise<void> {
	await instance.data('PATCH', `/flows/${PUSH_FLOW}`, { status });
}

/** Runs the resync Flow as its button in the Studio does; on everything when no keys are given. Gives its answer. */
export async function resync(instance: Instance, collection: string, keys: Key[] = []): Promise<unknown> {
	const { status, body } = await instance.api('POST', `/flows/trigger/${RESYNC_FLOW}`, { collection, keys });
	if (status !== 200) throw new Error(`The resync Flow answered ${status}: ${JSON.stringify(body)}`);
	return body;
}
