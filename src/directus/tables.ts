/** Our tables by what they hold, and what the drivers return. */
import type { Knex } from 'knex';
import {
	CHANGES,
	CHECKPOINTS,
	CONFLICTS,
	DELIVERIES,
	FILE_OBJECTS,
	LEASES,
	LINKS,
	SOURCES,
	STATE,
	TABLE_DEFINITIONS,
	WRITES,
} from '../../schema.ts';

export const TABLES = {
	changes: CHANGES,
	writes: WRITES,
	checkpoints: CHECKPOINTS,
	leases: LEASES,
	conflicts: CONFLICTS,
	links: LINKS,
	state: STATE,
	files: FILE_OBJECTS,
	sources: SOURCES,
	deliveries: DELIVERIES,
} as const;

/** PostgreSQL returns 64-bit integers as text. */
export type BigInt64 = number | string;

export const toNumber = (value: BigInt64): number => Number(value);
export const toNumberOrNull = (value: BigInt64 | null): number | null => (value === null ? null : Number(value));

/** Thrown when a table is missing: setup has not run yet, or is switched off. */
export class NotInstalledError extends Error {
	override name = 'NotInstalledError';
}

/** Rejects with a NotInstalledError that names what is missing. */
export async function requireTables(knex: Knex): Promise<void> {
	const missing: string[] = [];
	for (const { name } of TABLE_DEFINITIONS) if (!(await knex.schema.hasTable(name))) missing.push(name);
	if (missing.length > 0) throw new NotInstalledError(`Missing: ${missing.join(', ')}.`);
}
