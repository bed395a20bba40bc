/**
 * Conflicts in `data_sync_conflicts`: one row for each write that was superseded by a concurrent one, so that none is
 * counted twice, however often a remote tells of it. Apply's transactions run one after the other, so what is not found is new.
 */
import type { Knex } from 'knex';
import { groupByCollection } from '../../content/group.ts';
import { type BigInt64, TABLES } from '../../directus/tables.ts';
import { OWN_CHECKPOINT } from '../../link/port.ts';
import { chunks } from '../../replication/paging.ts';
import type { Timestamp } from '../../replication/timestamp.ts';
import type { NotedConflict } from '../port.ts';

export type ConflictRow = {
	id: BigInt64;
	collection: string;
	item: string;
	/** Empty when a deletion has superseded edits of the item. */
	field: string;
	winner: Timestamp;
	loser: Timestamp;
	source: string | null;
	/** Milliseconds. */
	noted_at: BigInt64;
	/** When the item's comment was written, or it was decided that none is. */
	told_at: BigInt64 | null;
	/** The comment's id. */
	comment: string | null;
};

const nameOf = ({ collection, item, field, loser }: Pick<ConflictRow, 'collection' | 'item' | 'field' | 'loser'>) =>
	JSON.stringify([collection, item, field, loser]);

/** @param now milliseconds */
export async function noteConflicts(knex: Knex, conflicts: NotedConflict[], now: number): Promise<void> {
	const rows = new Map(
		conflicts.map(({ collection, item, field, winner, loser, source }) => {
			// An item that is gone has no place for a comment any more.
			const told = field === null ? now : null;
			const row = { collection, item, field: field ?? '', winner, loser, source, noted_at: now, told_at: told };
			return [nameOf(row), row];
		}),
	);

	for (const [collection, group] of groupByCollection(conflicts)) {
		for (const part of chunks(group.map(({ item }) => item))) {
			const known = await knex<ConflictRow>(TABLES.conflicts).where({ collection }).whereIn('item', part);
			for (const row of known) rows.delete(nameOf(row as ConflictRow));
		}
	}

	const fresh = [...rows.values()];
	for (const part of chunks(fresh)) await knex(TABLES.conflicts).insert(part);

	if (fresh.length === 0) return;
	await knex(TABLES.checkpoints).insert({ source: OWN_CHECKPOINT }).onConflict('source').ignore();
	for (const source of [...new Set(fresh.map((row) => row.source)), OWN_CHECKPOINT]) {
		const count = source === OWN_CHECKPOINT ? fresh.length : fresh.filter((row) => row.source === source).length;
		if (source === null || count === 0) continue;
		await knex(TABLES.checkpoints)
			.where({ source })
			.update({ conflicts: knex.raw('?? + ?', ['conflicts', count]), last_conflict_at: now });
	}
}
