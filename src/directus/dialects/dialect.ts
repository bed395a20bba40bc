/**
 * What differs between the databases that Directus runs on, for as far as we notice it: the SQL of an upsert, what errors
 * mean, what reads lose. Each database has one file beside this one, as in Directus' own helpers.
 */
import type { Knex } from 'knex';
import type { Json } from '../../replication/digest.ts';

/**
 * What a statement has failed of: `busy`, another one was in its way, so that it may work the next time; `not_unique`, there
 * is such a row; `foreign_key`, a row that it refers to is missing, or one that refers to it is there; `data`, a value does
 * not fit its column.
 */
export type DatabaseFault = 'busy' | 'not_unique' | 'foreign_key' | 'data';

/** What drivers throw; any of it may be missing. */
export type DriverError = { code?: unknown; sqlState?: unknown; message?: unknown; file?: unknown };

export type RowKey = { table: string; primaryKey: string; key: string | number };

export type Dialect = {
	/** Null for an error of another database, and for one that tells nothing of these. */
	faultOf(error: DriverError): DatabaseFault | null;
	/** The query can't be used, for its syntax, its names or its values; not that it could not be asked. */
	isFaultOfQuery(error: DriverError): boolean;
	/** SQL for the value that an upsert tried to insert. @param column in quotes */
	proposed(column: string): string;
	/**
	 * Lets statements of a transaction fail as `busy` that wait longer than so many milliseconds for another's lock; null where
	 * that can't be said for one transaction.
	 */
	limitLockWaits: ((transaction: Knex.Transaction, milliseconds: number) => Promise<void>) | null;
	/** The column type for texts of whatever length. */
	textType: 'text' | 'longtext';
	/** Moves the counter of a table's keys on to a key that was given explicitly; null where the database does so itself. */
	advanceSequence: ((knex: Knex, row: RowKey) => Promise<void>) | null;
	/** How to read what Directus' own read loses; null where it loses nothing. */
	exact: ExactReads | null;
	/** Whether Directus can read geometry fields. */
	readsGeometry(knex: Knex): Promise<boolean>;
};

export type ExactReads = {
	/** Selects a key that is a whole number, as text. */
	key(knex: Knex, column: string): Knex.Raw;
	/** The values of a row, exactly. @param typeOf the Directus type of a field, undefined for what is none */
	values(
		knex: Knex,
		row: RowKey,
		values: Readonly<Record<string, Json>>,
		typeOf: (field: string) => string | undefined,
	): Promise<Readonly<Record<string, Json>>>;
};
