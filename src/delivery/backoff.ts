/** When to try again: exponential backoff with full jitter on its upper half, capped, for ever. */

const FIRST = 1000;
export const LONGEST = 15 * 60 * 1000;

/**
 * Milliseconds to wait after the given number of failed attempts (1 = the first failure).
 * `random` is 0 ≤ x < 1; `retryAfter` is what the remote asked for and is never undercut.
 */
export function backoff(attempts: number, random: number, retryAfter: number | null = null): number {
	const ceiling = Math.min(LONGEST, FIRST * 2 ** Math.min(attempts - 1, 20));
	const wait = ceiling / 2 + (ceiling / 2) * random;
	return Math.max(wait, Math.min(retryAfter ?? 0, LONGEST));
}
