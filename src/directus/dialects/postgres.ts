/** PostgreSQL, with and without PostGIS. */
import type { Knex } from 'knex';
import type { Dialect, DriverError, RowKey } from './dialect.ts';

/** Deadlock, serialisation failure, a lock that was not to be had in time. */
const BUSY = ['40P01', '40001', '55P03'];
/** Data exceptions; too large for an index, too deep; type mismatch. */
const DATA = /^(22|54)[0-9A-Z]{3}$|^42804$/;
/** Data exceptions; syntax errors and violations of access rules, which names that are not there are among. */
const QUERY = /^(22|42)[0-9A-Z]{3}$/;

export const postgres: Dialect = {
	faultOf: ({ code, file }: DriverError) => {
		if (typeof code !== 'string') return null;
		if (BUSY.includes(code)) return 'busy';
		if (code === '23505') return 'not_unique';
		if (code === '23503') return 'foreign_key';
		// PostGIS calls a bad geometry an internal error.
		if (code === 'XX000') return typeof file === 'string' && file.startsWith('lwgeom') ? 'data' : null;
		return DATA.test(code) ? 'data' : null;
	},
	isFaultOfQuery: ({ code }) => typeof code === 'string' && QUERY.test(code),
	proposed: (column) => `excluded.${column}`,
	limitLockWaits: async (transaction, milliseconds) => {
		await transaction.raw(`set local lock_timeout = ${Math.round(milliseconds)}`);
	},
	textType: 'text',
	advanceSequence,
	exact: null,
	readsGeometry: () => Promise.resolve(true),
};

/**
 * An explicit key does not move the counter, and the next create would collide with it. On to the key, never back: Directus' own
 * helper sets the counter to the largest key it sees, and so behind keys that open transactions have been given already.
 */
async function advanceSequence(knex: Knex, { table, primaryKey, key }: RowKey): Promise<void> {
	await knex.raw(
		`select setval(counter, ?::bigint)
			from (select pg_get_serial_sequence(?, ?)::regclass as counter) as counters
			where counter is not null and coalesce(pg_sequence_last_value(counter), 0) < ?::bigint`,
		[key, `"${table}"`, primaryKey, key],
	);
}
