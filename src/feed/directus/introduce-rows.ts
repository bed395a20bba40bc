/** Adds unsettled rows for items that have none yet. */
import type { Knex } from 'knex';
import { TABLES } from '../../directus/tables.ts';
import { chunks } from '../../replication/paging.ts';
import type { FeedRow } from '../port.ts';
import { toRow } from './row.ts';
import { inKeyOrder } from './touch-items.ts';

export async function introduceRows(knex: Knex, rows: Omit<FeedRow, 'seq' | 'rev'>[]): Promise<void> {
	const unsettled = inKeyOrder(rows).map((row) => toRow({ ...row, seq: null, rev: 0 }));

	for (const part of chunks(unsettled)) {
		await knex(TABLES.changes).insert(part).onConflict(['collection', 'item']).ignore();
	}
}
