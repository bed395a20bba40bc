/** When to try again: exponential backoff with full jitter on its upper half, capped, for ever. */

const FIRST = 1000;
export const LONGEST = 15 * 60 * 1000;

const FIRST_BUSY = 2000;
const LONGEST_BUSY = 30_000;

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

/**
 * Milliseconds to wait after the given number of failed attempts (1 = the first failure).
 * `random` is 0 ≤ x < 1; `retryAfter` is what the remote asked for and is never undercut.
 */
export function backoff(attempts: number, random: number, retryAfter: number | null = null): number {
	const ceiling = Math.min(LONGEST, FIRST * 2 ** Math.min(attempts - 1, 20));
	const wait = ceiling / 2 + (ceiling / 2) * random;
	return Math.max(wait, Math.min(retryAfter ?? 0, LONGEST));
}

/**
 * The same for a remote that works, but is busy: it asks to wait, and there is no reason to think that it will take long.
 * Seconds, however often it asks.
 */
export function busyBackoff(attempts: number, random: number, retryAfter: number | null = null): number {
	const ceiling = Math.min(LONGEST_BUSY, FIRST_BUSY * 2 ** Math.min(attempts - 1, 20));
	const wait = ceiling / 2 + (ceiling / 2) * random;
	return Math.max(wait, Math.min(retryAfter ?? 0, LONGEST));
}

/**
 * The same for an item that the remote has refused: what has to be mended there is mended by people, and nobody tells us
 * when. About an hour after the first refusal, then ever more seldom, down to once a day.
 */
export function refusedBackoff(attempts: number, random: number): number {
	const ceiling = Math.min(DAY, HOUR * 2 ** Math.min(attempts - 1, 20));
	return ceiling * (0.75 + 0.25 * random);
}
