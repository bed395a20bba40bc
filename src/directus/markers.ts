/** Markers in `data_sync_writes`, and the recovery of writes whose marker nobody took away. */
import type { Knex } from 'knex';
import { USER_ID } from '../../schema.ts';
import type { Touch } from '../delivery/ports.ts';
import type { CapturePorts } from './captures.ts';
import { type BigInt64, TABLES, toNumber } from './tables.ts';
import { touchCaptured } from './touch-captured.ts';

const PAGE = 1000;

export type WriteAction = 'create' | 'update' | 'delete';
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
export async function recoverMarkers(ports: CapturePorts, owned: Set<string>, age: number): Promise<number> {
	const { database } = ports;
	const rows: { id: string; floor: BigInt64 }[] = await database(TABLES.writes)
		.select('id', 'floor')
		.where('created_at', '<=', Date.now() - age);
	const orphans = rows.filter((row) => !owned.has(row.id));
	if (orphans.length === 0) return 0;

	let floor = Math.min(...orphans.map((row) => toNumber(row.floor)));
	let recovered = 0;

	for (;;) {
		const activity: ActivityRow[] = await database('directus_activity')
			.select('id', 'action', 'collection', 'item', 'user')
			.where('id', '>', floor)
			.orderBy('id')
			.limit(PAGE);
		const touches = activity.filter(isItemWrite).map((row) => toTouch(ports, row));
		await touchCaptured(ports, touches);
		recovered += touches.length;
		floor = activity.at(-1)?.id ?? floor;
		if (activity.length < PAGE) break;
	}

	await database(TABLES.writes)
		.whereIn(
			'id',
			orphans.map((row) => row.id),
		)
		.delete();
	return recovered;
}

export const isItemAction = (action: unknown): action is WriteAction =>
	action === 'create' || action === 'update' || action === 'delete';

/** What the Data Sync user writes is recorded by apply itself, and is nobody's new change. */
const isItemWrite = (activity: ActivityRow): boolean => isItemAction(activity.action) && activity.user !== USER_ID;

const toTouch = ({ clock }: CapturePorts, { collection, item, action }: ActivityRow): Touch => ({
	collection,
	item: String(item),
	at: clock.stamp(),
	created: action === 'create',
	onlyUpdated: action === 'update',
	changed: null,
});
