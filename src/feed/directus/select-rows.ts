/** Reads feed rows of given items. */
import type { Knex } from 'knex';
import { groupByCollection } from '../../content/group.ts';
import type { Ref } from '../../content/port.ts';
import { TABLES } from '../../directus/tables.ts';
import { chunks } from '../../replication/paging.ts';
import type { ChangesRow } from './row.ts';

export async function selectRows(knex: Knex, refs: Ref[], options: { lock?: boolean } = {}): Promise<ChangesRow[]> {
	const rows: ChangesRow[] = [];

	for (const [collection, group] of groupByCollection(refs)) {
		for (const part of chunks(group.map(({ item }) => item))) {
			const query = knex<ChangesRow>(TABLES.changes).where({ collection }).whereIn('item', part).orderBy('item');
			rows.push(...((await (options.lock ? query.forUpdate() : query)) as ChangesRow[]));
		}
	}

	return rows;
}
