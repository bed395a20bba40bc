/** Counters of keys on PostgreSQL: an explicit key does not move them, and the next create would collide with it. */
import type { Knex } from 'knex';
import type { CollectionShape } from '../port.ts';

export const countsBySequence = (knex: Knex): boolean => knex.client.config.client === 'pg';

/**
 * Moves the counter on to the key, never back: Directus' own helper sets it to the largest key it sees, and so behind keys that
 * open transactions have been given already.
 */
export async function advanceSequence(knex: Knex, { collection, primaryKey }: CollectionShape, key: string | number) {
	await knex.raw(
		`select setval(counter, ?::bigint)
			from (select pg_get_serial_sequence(?, ?)::regclass as counter) as counters
			where counter is not null and coalesce(pg_sequence_last_value(counter), 0) < ?::bigint`,
		[key, `"${collection}"`, primaryKey, key],
	);
}
