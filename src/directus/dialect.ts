/** The little SQL that differs between vendors. */
import type { Knex } from 'knex';
import { TABLES } from './tables.ts';

const isMySql = (knex: Knex): boolean =>
	knex.client.config.client === 'mysql' || knex.client.config.client === 'mysql2';

/** The value that an upsert tried to insert. */
export const proposed = (knex: Knex, column: string): string =>
	isMySql(knex) ? `values(${quote(knex, column)})` : `excluded.${quote(knex, column)}`;

/** The value that a row of the feed has already. */
export const existing = (knex: Knex, column: string): string => `${TABLES.changes}.${quote(knex, column)}`;

const quote = (knex: Knex, column: string): string => knex.ref(column).toQuery();
