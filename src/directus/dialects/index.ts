/** Picks what is known of the database that a connection leads to. */
import type { Knex } from 'knex';
import type { DatabaseFault, Dialect, DriverError } from './dialect.ts';
import { mysql } from './mysql.ts';
import { postgres } from './postgres.ts';
import { sqlite } from './sqlite.ts';

/** CockroachDB speaks PostgreSQL's SQL and has its error codes, but counts keys otherwise. So may others that are not tried. */
const other: Dialect = { ...postgres, advanceSequence: null, limitLockWaits: null };

export function dialectOf(knex: Knex): Dialect {
	const client = String(knex.client.config.client);
	if (/sqlite3$/.test(client)) return sqlite;
	if (client === 'mysql' || client === 'mysql2') return mysql;
	return client === 'pg' ? postgres : other;
}

/** Each database has codes and words of its own, so that an error tells by itself whose it is. */
const ALL = [postgres, mysql, sqlite];

/** What has failed, whatever the database; null for what is no such fault. */
export const databaseFault = (error: unknown): DatabaseFault | null =>
	isThrown(error) ? (ALL.map((each) => each.faultOf(error)).find((fault) => fault !== null) ?? null) : null;

/** Whatever the database, it says that the query can't be used, for its syntax, its names or its values. */
export const isFaultOfQuery = (error: unknown): boolean =>
	isThrown(error) && ALL.some((each) => each.isFaultOfQuery(error));

const isThrown = (error: unknown): error is DriverError => typeof error === 'object' && error !== null;
