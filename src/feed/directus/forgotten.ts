/** What was forgotten, in the row of `data_sync_state`: a few words of JSON, as large as there are collections. */
import type { Knex } from 'knex';
import { TABLES } from '../../directus/tables.ts';
import type { Forgotten } from '../port.ts';

const NOTHING: Forgotten = { seq: 0, lives: {}, unlisted: {} };

type Row = { forgotten: string | null };

export async function readForgotten(knex: Knex): Promise<Forgotten> {
	const row = await knex(TABLES.state).where({ id: 1 }).first<Row | undefined>('forgotten');
	return row?.forgotten ? { ...NOTHING, ...(JSON.parse(row.forgotten) as Partial<Forgotten>) } : NOTHING;
}

/** Reads it, keeping others from changing it until the transaction ends. */
export async function lockForgotten(trx: Knex.Transaction): Promise<Forgotten> {
	await trx(TABLES.state).where({ id: 1 }).forUpdate().first('id');
	return readForgotten(trx);
}

export async function writeForgotten(trx: Knex.Transaction, forgotten: Forgotten): Promise<void> {
	await trx(TABLES.state)
		.where({ id: 1 })
		.update({ forgotten: JSON.stringify(forgotten) });
}
