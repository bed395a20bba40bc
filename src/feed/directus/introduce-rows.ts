/** Adds unsettled rows for items that have none yet. */
import type { Knex } from 'knex';
import { TABLES } from '../../directus/tables.ts';
import type { FeedRow } from '../port.ts';
import { toRow } from './row.ts';
import { inKeyOrder } from './touch-items.ts';

const CHUNK = 500;

export async function introduceRows(knex: Knex, rows: Omit<FeedRow, 'seq' | 'rev'>[]): Promise<void> {
	const unsettled = inKeyOrder(rows).map((row) => toRow({ ...row, seq: null, rev: 0 }));

	for (let start = 0; start < unsettled.length; start += CHUNK) {
		await knex(TABLES.changes)
			.insert(unsettled.slice(start, start + CHUNK))
			.onConflict(['collection', 'item'])
			.ignore();
	}
}
