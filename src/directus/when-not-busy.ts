/**
 * Several processes on one database at the same moment: SQLite answers "busy", the others name a deadlock's victim.
 * Both only mean "again, please".
 */
import { setTimeout as sleep } from 'node:timers/promises';

const BUSY = new Set(['SQLITE_BUSY', '40P01', '40001', 'ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT']);
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

function isBusy(error: unknown): boolean {
	if (typeof error !== 'object' || error === null) return false;
	if ('code' in error && BUSY.has(String(error.code))) return true;
	return 'cause' in error && isBusy(error.cause);
}
