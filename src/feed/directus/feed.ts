/** The feed on Directus' database: the table `data_sync_changes`. */
import type { Knex } from 'knex';
import type { ClockPort } from '../../directus/port.ts';
import { type BigInt64, TABLES, toNumber } from '../../directus/tables.ts';
import type { FeedPort } from '../port.ts';
import { readBacklog } from './backlog.ts';
import { introduceRows } from './introduce-rows.ts';
import { selectReferring } from './referring.ts';
import { type ChangesRow, fromRow, toRow } from './row.ts';
import { selectRows } from './select-rows.ts';
import { settleRows } from './settle-rows.ts';
import { touchItems } from './touch-items.ts';

export function createFeed(knex: Knex, clock: ClockPort): FeedPort {
	const table = () => knex<ChangesRow>(TABLES.changes);

	return {
		touch: (touches, options) => touchItems(knex, touches, options),
		settle: (settled) => settleRows(knex, settled, clock),
		introduce: (rows) => introduceRows(knex, rows),
		remember: async (rows) => {
			for (const row of rows) {
				const { collection, item, rev } = row;
				const { stamps } = toRow(row);
				await table()
					.where({ collection, item, rev })
					.update({ stamps, rev: rev + 1 });
			}
		},
		read: async (refs) => (await selectRows(knex, refs)).map(fromRow),
		referring: (collection, field, digests) => selectReferring(knex, collection, field, digests),
		unsettled: async (limit, without = []) =>
			(
				(await table()
					.where((open) => open.whereNull('seq').orWhereNotNull('touched'))
					.whereNotIn('collection', [...without])
					.orderBy([{ column: 'touched' }, { column: 'collection' }, { column: 'item' }])
					.limit(limit)) as ChangesRow[]
			).map(fromRow),
		after: async (seq, limit) =>
			((await table().where('seq', '>', seq).orderBy('seq').limit(limit)) as ChangesRow[]).map(fromRow),
		countAfter: async (seq, upTo, collections) => {
			const counted = (await table()
				.where('seq', '>', seq)
				.andWhere('seq', '<=', upTo)
				.whereIn('collection', collections)
				.count({ count: '*' })
				.first()) as { count: BigInt64 } | undefined;
			return toNumber(counted?.count ?? 0);
		},
		head: async () => {
			const state = await knex<{ last_seq: BigInt64 }>(TABLES.state)
				.where({ id: 1 } as object)
				.first('last_seq');
			return toNumber(state?.last_seq ?? 0);
		},
		backlog: () => readBacklog(knex),
	};
}
