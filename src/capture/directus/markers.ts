/** Markers in `data_sync_writes`, and the recovery of writes whose marker nobody took away. */
import type { Knex } from 'knex';
import { isPusher } from '../../directus/pushers.ts';
import { type BigInt64, TABLES, toNumber } from '../../directus/tables.ts';
import type { Touch } from '../../feed/port.ts';
import { type WriteAction, writtenTouch } from '../../feed/touch.ts';
import { chunks, pages } from '../../replication/paging.ts';
import { touchCaptured } from '../touch-captured.ts';
import type { CaptureDeps } from './capture-deps.ts';

type ActivityRow = { id: number; action: string; collection: string; item: string; user: string | null };

/** Inserts a marker into the writer's transaction, in a savepoint: a failure of ours must not fail the save. */
export async function insertMarker(
	transaction: Knex.Transaction,
	marker: { id: string; owner: string },
): Promise<void> {
	await transaction.transaction(async (savepoint) => {
		const last = await savepoint('directus_activity').max({ id: 'id' }).first<{ id: BigInt64 | null }>();
		const floor = toNumber(last?.id ?? 0);
		await savepoint(TABLES.writes).insert({ ...marker, floor, created_at: Date.now() });
	});
}

export async function removeMarker(knex: Knex, id: string): Promise<void> {
	await knex(TABLES.writes).where({ id }).delete();
}

/**
 * Touches what the activity log holds since the floor of markers that were left behind. Doing so for a marker
 * that still has an owner is harmless, so other processes' markers need no special care.
 * @param owned markers this process will still see to itself
 * @param age only markers at least that many milliseconds old
 * @returns how many items were touched
 */
export async function recoverMarkers(ports: CaptureDeps, owned: Set<string>, age: number): Promise<number> {
	const { database } = ports;
	const rows: { id: string; floor: BigInt64 }[] = await database(TABLES.writes)
		.select('id', 'floor')
		.where('created_at', '<=', Date.now() - age);
	const orphans = rows.filter((row) => !owned.has(row.id));
	if (orphans.length === 0) return 0;

	const floor = Math.min(...orphans.map((row) => toNumber(row.floor)));
	const readActivity = (after: number | null, limit: number): PromiseLike<ActivityRow[]> =>
		database('directus_activity')
			.select('id', 'action', 'collection', 'item', 'user')
			.where('id', '>', after ?? floor)
			.orderBy('id')
			.limit(limit);
	const touches: Touch[] = [];

	for await (const activity of pages(readActivity, ({ id }) => id)) {
		const writes = activity.filter(isItemWrite);
		const changed = await readChanged(database, writes);
		for (const { id, collection, item, action } of writes) {
			const ref = { collection, item: String(item) };
			touches.push(writtenTouch(ref, ports.clock.stamp(), action, changed.get(id) ?? null));
		}
	}

	// All at once: what one write of an item has changed is only told from the rest of it when all its writes are known.
	await touchCaptured(ports, touches);
	await database(TABLES.writes)
		.whereIn(
			'id',
			orphans.map((row) => row.id),
		)
		.delete();
	return touches.length;
}

/**
 * Whether any of these items was written by somebody, and that has been committed but not touched in the feed yet: its
 * marker is still there.
 * @param items null for any item of the collection
 * @param exists whether there is such an item; an update of one that is not there has written nothing
 */
export async function isWrittenUntouched(
	knex: Knex,
	collection: string,
	items: string[] | null,
	exists: (item: string) => boolean,
): Promise<boolean> {
	if (items?.length === 0) return false;
	const oldest = await knex(TABLES.writes).min({ floor: 'floor' }).first<{ floor: BigInt64 | null }>();
	const floor = oldest?.floor ?? null;
	if (floor === null) return false;

	for (const part of items ? chunks(items) : [null]) {
		const written = knex('directus_activity')
			.select('action', 'item', 'user')
			.where('id', '>', toNumber(floor))
			.andWhere({ collection });
		const found: ActivityRow[] = await (part ? written.whereIn('item', part) : written);
		if (found.some((row) => isItemWrite(row) && (row.action !== 'update' || exists(String(row.item))))) return true;
	}

	return false;
}

export const isItemAction = (action: unknown): action is WriteAction =>
	action === 'create' || action === 'update' || action === 'delete';

/** What the Data Sync user writes is recorded by apply itself, and is nobody's new change. */
const isItemWrite = (activity: ActivityRow): activity is ActivityRow & { action: WriteAction } =>
	isItemAction(activity.action) && !isPusher(activity.user);

/** The fields that each write has changed, by the id of its activity; nothing for writes without a revision. */
async function readChanged(database: Knex, writes: ActivityRow[]): Promise<Map<number, string[]>> {
	const changed = new Map<number, string[]>();

	for (const ids of chunks(writes.map(({ id }) => id))) {
		const revisions: { activity: number; delta: unknown }[] = await database('directus_revisions')
			.select('activity', 'delta')
			.whereIn('activity', ids);
		for (const { activity, delta } of revisions) {
			const fields = typeof delta === 'string' ? JSON.parse(delta) : delta;
			changed.set(activity, Object.keys(fields ?? {}));
		}
	}

	return changed;
}
