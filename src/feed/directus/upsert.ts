/** SQL for an upsert of feed rows: the value that is there, and the one that would be inserted. */
import type { Knex } from 'knex';
import { dialectOf } from '../../directus/dialects/index.ts';
import { TABLES } from '../../directus/tables.ts';

export const proposed = (knex: Knex, column: string): string => dialectOf(knex).proposed(quote(knex, column));

export const existing = (knex: Knex, column: string): string => `${TABLES.changes}.${quote(knex, column)}`;

const quote = (knex: Knex, column: string): string => knex.ref(column).toQuery();
