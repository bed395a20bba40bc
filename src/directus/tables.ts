/** The names of our tables, and what their rows hold as the drivers return them. */

export const TABLES = {
	changes: 'data_sync_changes',
	writes: 'data_sync_writes',
	checkpoints: 'data_sync_checkpoints',
	state: 'data_sync_state',
	sources: 'data_sync_remote_sources',
	sourcesUsers: 'data_sync_remote_sources_directus_users',
	deliveries: 'data_sync_deliveries',
} as const;

/** PostgreSQL returns 64-bit integers as text. */
export type BigInt64 = number | string;

export const toNumber = (value: BigInt64): number => Number(value);
export const toNumberOrNull = (value: BigInt64 | null): number | null => (value === null ? null : Number(value));

/** Thrown when a table is missing: setup has not run yet, or is switched off. */
export class NotInstalledError extends Error {
	override name = 'NotInstalledError';
}
