/**
 * SQLite. Directus' read loses two things there: whole numbers beyond 2^53, which the driver turns into the nearest double, and
 * the moment 0, since moments are kept as numbers and Directus takes 0 for no value.
 */
import type { Knex } from 'knex';
import type { Json } from '../../replication/digest.ts';
import type { Dialect, RowKey } from './dialect.ts';

const DATES = ['timestamp', 'dateTime', 'date'];

export const sqlite: Dialect = {
	faultOf: ({ code, message }) => {
		if (code === 'SQLITE_BUSY') return 'busy';
		if (typeof message !== 'string') return null;
		if (/UNIQUE constraint failed/i.test(message)) return 'not_unique';
		return /FOREIGN KEY constraint failed/i.test(message) ? 'foreign_key' : null;
	},
	isFaultOfQuery: ({ code }) => code === 'SQLITE_ERROR',
	proposed: (column) => `excluded.${column}`,
	// It has one lock, and one connection to wait with.
	limitLockWaits: null,
	textType: 'text',
	advanceSequence: null,
	exact: { key: (knex, column) => knex.raw('cast(?? as text) as ??', [column, column]), values: exactValuesOf },
	// By functions that only an extension, SpatiaLite, brings.
	readsGeometry: async (knex) => Boolean(await knex('pragma_function_list').where({ name: 'st_astext' }).first('name')),
};

async function exactValuesOf(
	knex: Knex,
	row: RowKey,
	values: Readonly<Record<string, Json>>,
	typeOf: (field: string) => string | undefined,
): Promise<Readonly<Record<string, Json>>> {
	const exact: Record<string, Json> = { ...values };
	const inexact: string[] = [];

	for (const [field, value] of Object.entries(values)) {
		const type = typeOf(field);
		if (type === undefined) continue;
		if (value === 0 && DATES.includes(type)) exact[field] = beginningOfTime(type);
		else if (isRounded(value) && type !== 'json') inexact.push(field);
	}

	return inexact.length > 0 ? { ...exact, ...(await readNumbers(knex, row, inexact)) } : exact;
}

const isRounded = (value: Json): boolean =>
	typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);

/** Those that are stored as integers, as text; others as they are: doubles lose nothing on the way. */
async function readNumbers(
	knex: Knex,
	{ table, primaryKey, key }: RowKey,
	fields: string[],
): Promise<Readonly<Record<string, Json>>> {
	const columns = fields.map((field) =>
		knex.raw("case typeof(??) when 'integer' then cast(?? as text) else ?? end as ??", [field, field, field, field]),
	);
	return (await knex(table).where(primaryKey, key).first(columns)) ?? {};
}

/** 1970-01-01T00:00:00Z as Directus writes other moments: local time for all but timestamps. */
function beginningOfTime(type: string): string {
	const moment = new Date(0);
	if (type === 'timestamp') return moment.toISOString();
	const local = new Date(-moment.getTimezoneOffset() * 60_000).toISOString();
	return local.slice(0, type === 'date' ? 10 : 19);
}
