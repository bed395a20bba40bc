/** Cleaning of our tables on Directus' database. */
import type { Knex } from 'knex';
import { groupByCollection } from '../../content/group.ts';
import { TABLES } from '../../directus/tables.ts';
import { OWN_CHECKPOINT } from '../../link/port.ts';
import { itemId } from '../../replication/change.ts';
import { isAlive } from '../../replication/life.ts';
import { chunks } from '../../replication/paging.ts';
import type { FeedRow, Forgotten, RetentionPort } from '../port.ts';
import { lockForgotten, readForgotten, writeForgotten } from './forgotten.ts';
import { type ChangesRow, fromRow } from './row.ts';
import { selectRows } from './select-rows.ts';
import { inKeyOrder } from './touch-items.ts';

/** Conflicts that are kept however new they are. */
const MOST_CONFLICTS = 20_000;

export function createRetention(knex: Knex): RetentionPort {
	const rows = () => knex<ChangesRow>(TABLES.changes);

	return {
		forgotten: () => readForgotten(knex),
		tombstones: async ({ before, upTo, limit }) => {
			const found = (await rows()
				.where('ended_at', '<=', before)
				.andWhere('seq', '<=', upTo)
				.whereNull('touched')
				.orderBy('ended_at')
				.limit(limit)) as ChangesRow[];
			return found.map(fromRow);
		},
		collections: async () => (await rows().distinct('collection')).map(({ collection }) => String(collection)),
		rowsOf: async (collection, after, limit) => {
			const query = rows().where({ collection }).andWhere('item', '>', after);
			return ((await query.orderBy('item').limit(limit)) as ChangesRow[]).map(fromRow);
		},
		drop: (dropped, lives) => knex.transaction((trx) => dropRows(trx, dropped, lives)),
		noteUnlisted: (unlisted) =>
			knex.transaction(async (trx) => writeForgotten(trx, { ...(await lockForgotten(trx)), unlisted })),
		dropOrphans: (options) => dropOrphans(knex, options.before),
	};
}

async function dropRows(trx: Knex.Transaction, rows: FeedRow[], lives: Forgotten['lives']): Promise<void> {
	const forgotten = await lockForgotten(trx);
	const current = await selectRows(trx, inKeyOrder(rows), { lock: true });
	const revs = new Map(current.map((row) => [itemId(row.collection, row.item), row.rev]));
	const unchanged = rows.filter((row) => revs.get(itemId(row.collection, row.item)) === row.rev);

	for (const [collection, group] of groupByCollection(unchanged)) {
		for (const part of chunks(group.map(({ item }) => item))) {
			await trx(TABLES.changes).where({ collection }).whereIn('item', part).delete();
		}
	}

	const deleted = unchanged.filter(({ life }) => !isAlive(life));
	if (deleted.length === 0) return;
	const higher = Object.entries(lives).map(([name, life]) => [name, Math.max(life, forgotten.lives[name] ?? 0)]);
	await writeForgotten(trx, {
		...forgotten,
		seq: deleted.reduce((highest, { seq }) => Math.max(highest, seq ?? 0), forgotten.seq),
		lives: { ...forgotten.lives, ...Object.fromEntries(higher) },
	});
}

async function dropOrphans(knex: Knex, before: number): Promise<void> {
	// In this order: a source that is created meanwhile is not among the checkpoints that were read.
	const checkpoints: { source: string }[] = await knex(TABLES.checkpoints).select('source');
	const owners: { source: string | null }[] = await knex(TABLES.deliveries).distinct('source');
	const sources = new Set((await knex(TABLES.sources).select('id')).map(({ id }) => String(id)));
	const gone = checkpoints.map(({ source }) => source).filter((each) => each !== OWN_CHECKPOINT && !sources.has(each));
	const ownerless = owners.flatMap(({ source }) => (source !== null && !sources.has(String(source)) ? [source] : []));

	if (gone.length > 0) await knex(TABLES.checkpoints).whereIn('source', gone).delete();
	if (ownerless.length > 0) await knex(TABLES.deliveries).whereIn('source', ownerless).delete();
	if (owners.some(({ source }) => source === null)) await knex(TABLES.deliveries).whereNull('source').delete();

	await knex(TABLES.conflicts).where('noted_at', '<=', before).delete();
	const newest = await knex(TABLES.conflicts).orderBy('id', 'desc').offset(MOST_CONFLICTS).first<{ id: number }>('id');
	if (newest) await knex(TABLES.conflicts).where('id', '<=', newest.id).delete();
}
