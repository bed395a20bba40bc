/** Reads feed rows of given items. */
import type { Knex } from 'knex';
import { groupByCollection } from '../../content/group.ts';
import type { Ref } from '../../content/port.ts';
import { TABLES } from '../../directus/tables.ts';
import type { ChangesRow } from './row.ts';

const CHUNK = 500;

export async function selectRows(knex: Knex, refs: Ref[], options: { lock?: boolean } = {}): Promise<ChangesRow[]> {
	const rows: ChangesRow[] = [];

	for (const [collection, group] of groupByCollection(refs)) {
		for (let start = 0; start < group.length; start += CHUNK) {
			const items = group.slice(start, start + CHUNK).map((ref) => ref.item);
			const query = knex<ChangesRow>(TABLES.changes).where({ collection }).whereIn('item', items).orderBy('item');
			rows.push(...((await (options.lock ? query.forUpdate() : query)) as ChangesRow[]));
		}
	}

	return rows;
}
