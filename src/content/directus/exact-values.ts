/**
 * Mends what Directus' read loses on SQLite: whole numbers beyond 2^53, which the driver turns into the nearest double, and
 * the moment 0, which Directus takes for no value.
 */
import type { Knex } from 'knex';
import type { Json } from '../../replication/digest.ts';
import type { CollectionShape, Values } from '../port.ts';

const DATES = new Set(['timestamp', 'dateTime', 'date']);

export const losesPrecision = (knex: Knex): boolean => /sqlite3$/.test(String(knex.client.config.client));

/** The values, exactly. `key` finds the item. */
export async function readExactly(
	knex: Knex,
	shape: CollectionShape,
	key: string | number,
	values: Values,
): Promise<Values> {
	if (!losesPrecision(knex)) return values;
	const exact: Record<string, Json> = { ...values };
	const inexact: string[] = [];

	for (const [field, value] of Object.entries(values)) {
		const type = shape.fields.get(field)?.type ?? '';
		if (value === 0 && DATES.has(type)) exact[field] = beginningOfTime(type);
		else if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) inexact.push(field);
	}

	const known = inexact.filter((field) => shape.fields.get(field)?.type !== 'json' && shape.fields.has(field));
	if (known.length > 0) Object.assign(exact, await readWhole(knex, shape, key, known));
	return exact;
}

/** Numbers that are stored as integers, as text; others as they are: doubles lose nothing on the way. */
async function readWhole(knex: Knex, shape: CollectionShape, key: string | number, fields: string[]): Promise<Values> {
	const columns = fields.map((field) =>
		knex.raw("case typeof(??) when 'integer' then cast(?? as text) else ?? end as ??", [field, field, field, field]),
	);
	const row: Values | undefined = await knex(shape.collection).where(shape.primaryKey, key).first(columns);
	return row ?? {};
}

/** 1970-01-01T00:00:00Z as Directus writes other moments: local time for all but timestamps. */
function beginningOfTime(type: string): string {
	const moment = new Date(0);
	if (type === 'timestamp') return moment.toISOString();
	const local = new Date(-moment.getTimezoneOffset() * 60_000).toISOString();
	return local.slice(0, type === 'date' ? 10 : 19);
}
