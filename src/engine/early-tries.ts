/**
 * When to try a remote again before its time: its node has contacted us, so it is up again. It may contact us before it takes
 * requests, so there is a short series of tries. A remote that can call us and can't be called by us gets one series in a
 * while, whatever it sends. All times are milliseconds since 1970.
 */

/** Milliseconds after the first try of a series. */
const FOLLOWING = [2_000, 10_000, 60_000];
/** How long after the beginning of a series the next one may begin, in milliseconds. */
const BETWEEN_SERIES = 5 * 60_000;

/** What is known of the attempts to reach a source's remote. */
export type EarlyTries = {
	/** When the last attempt began. */
	last: number;
	/** When the last series began; the remote has not been reached since. */
	series: number;
	/** The tries of the series that are still to come. */
	following: readonly number[];
};

const NEVER = Number.NEGATIVE_INFINITY;

export const NO_TRIES: EarlyTries = { last: NEVER, series: NEVER, following: [] };

/**
 * When to try a source whose remote gives no answer; null: not before its time.
 * @param heardAt when the remote's node last contacted us; null: not while this process ran
 */
export function nextEarlyTry({ last, series, following }: EarlyTries, heardAt: number | null): number | null {
	if (following[0] !== undefined) return following[0];
	// What was heard before an attempt that failed tells nothing any more.
	if (heardAt === null || heardAt < last) return null;
	return Math.max(heardAt, series + BETWEEN_SERIES);
}

/** An attempt that began at `began` has failed. `early`: it was one of those that nextEarlyTry asks for. */
export function afterFailure({ series, following }: EarlyTries, began: number, early: boolean): EarlyTries {
	const begins = early && following.length === 0;
	const planned = begins ? FOLLOWING.map((delay) => began + delay) : following;
	return { last: began, series: begins ? began : series, following: planned.filter((at) => at > began) };
}

/** An attempt that began at `began` has reached the remote. */
export const afterSuccess = (began: number): EarlyTries => ({ ...NO_TRIES, last: began });
