/**
 * Writes settled rows and numbers them. The lock on the state row is held until the commit, so a smaller seq never
 * becomes visible after a larger one, and no checkpoint can step over it.
 */
import type { Knex } from 'knex';
import type { ClockPort } from '../../directus/port.ts';
import { type BigInt64, TABLES, toNumber } from '../../directus/tables.ts';
import { itemId } from '../../replication/change.ts';
import { isAlive } from '../../replication/life.ts';
import { chunks } from '../../replication/paging.ts';
import type { SettledRow } from '../port.ts';
import { type ChangesRow, toRow } from './row.ts';
import { selectRows } from './select-rows.ts';
import { inKeyOrder } from './touch-items.ts';

export async function settleRows(knex: Knex, settled: SettledRow[], clock: ClockPort): Promise<void> {
	await knex.transaction(async (trx) => {
		const count = settled.filter((each) => each.number).length;
		await trx(TABLES.state)
			.where({ id: 1 })
			.update({ last_seq: trx.raw('?? + ?', ['last_seq', count]), clock: clock.stamp() });
		const state = await trx<{ last_seq: BigInt64 }>(TABLES.state)
			.where({ id: 1 } as object)
			.first('last_seq');
		if (!state) throw new Error(`${TABLES.state} has no row.`);

		const current = await selectRows(trx, inKeyOrder(settled.map((each) => each.row)), { lock: true });
		const known = new Map(current.map((row) => [itemId(row.collection, row.item), row]));
		let seq = toNumber(state.last_seq) - count;
		const rows: ChangesRow[] = [];

		for (const { row, number } of settled) {
			if (number) seq += 1;
			const before = known.get(itemId(row.collection, row.item));
			if (before?.rev !== row.rev) continue;
			const ended_at = isAlive(row.life) ? null : (before.ended_at ?? clock.now());
			rows.push({ ...toRow({ ...row, seq: number ? seq : row.seq, touched: null, rev: row.rev + 1 }), ended_at });
		}

		for (const part of chunks(rows)) {
			await trx(TABLES.changes)
				.insert(part)
				.onConflict(['collection', 'item'])
				.merge(['seq', 'touched', 'rev', 'life', 'born', 'stamps', 'path', 'passes', 'ended_at']);
		}
	});
}
