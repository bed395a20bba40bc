/** Counts what has no place in the feed yet. */
import type { Knex } from 'knex';
import { type BigInt64, TABLES, toNumber } from '../../directus/tables.ts';
import type { Backlog } from '../port.ts';
import type { ChangesRow } from './row.ts';

type Counted = { collection: string; count: BigInt64 };

export async function readBacklog(knex: Knex): Promise<Backlog> {
	const table = () => knex<ChangesRow>(TABLES.changes).select('collection').count({ count: '*' }).groupBy('collection');
	// In the order of a write's way: what leaves one before it is counted is in the next by then. Each by an index of its own.
	const [writes] = await knex(TABLES.writes).count<{ count: BigInt64 }[]>({ count: '*' });
	const touched = (await table().where('touched', '>', '').whereNotNull('seq')) as Counted[];
	const unnumbered = (await table().whereNull('seq')) as Counted[];
	const unsettled = new Map<string, number>();

	for (const { collection, count } of [...touched, ...unnumbered]) {
		unsettled.set(collection, (unsettled.get(collection) ?? 0) + toNumber(count));
	}

	return { unnoted: toNumber(writes?.count ?? 0), unsettled };
}
