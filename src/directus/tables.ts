/** Our tables by what they hold, and what the drivers return. */
import {
	CHANGES,
	CHECKPOINTS,
	CONFLICTS,
	DELIVERIES,
	FILE_OBJECTS,
	LINKS,
	SOURCES,
	STATE,
	WRITES,
} from '../../schema.ts';

export const TABLES = {
	changes: CHANGES,
	writes: WRITES,
	checkpoints: CHECKPOINTS,
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
