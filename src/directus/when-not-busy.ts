/**
 * Several processes on one database at the same moment: SQLite answers "busy", the others name a deadlock's victim.
 * Both only mean "again, please".
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseFault } from './dialects/index.ts';

const PAUSES_MS = [100, 200, 400, 800, 1600];

/** Runs `work`, and again when the database was busy, for some seconds at most. */
export async function whenNotBusy<T>(work: () => Promise<T>, pauses: readonly number[] = PAUSES_MS): Promise<T> {
	for (const pause of pauses) {
		try {
			return await work();
		} catch (error) {
			if (!isBusy(error)) throw error;
			await sleep(pause);
		}
	}
	return work();
}

/** The error, or what has caused it, says that a statement was in the way of another. */
export function isBusy(error: unknown): boolean {
	if (databaseFault(error) === 'busy') return true;
	return typeof error === 'object' && error !== null && 'cause' in error && isBusy(error.cause);
}
