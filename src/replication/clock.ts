/**
 * The clock as a pure state: give it the wall clock, get the next stamp. It never runs backwards, whatever the wall
 * clock does, and it never refuses to stamp a local edit: only a remote's stamp can be refused.
 */
import { createTimestamp, MAX_COUNTER, parseTimestamp, type Timestamp } from './timestamp.ts';

/** The last value given out or seen. */
export type Clock = { millis: number; counter: number };

/** How far ahead of our wall clock a remote's stamp may be, in milliseconds. */
export const MAX_DRIFT = 5 * 60 * 1000;

export type ReceiveResult = { ok: true; clock: Clock } | { ok: false; reason: 'clock_ahead'; ahead: number };

export const createClock = (last: Timestamp | null = null): Clock => {
	if (last === null) return { millis: 0, counter: 0 };
	const { millis, counter } = parseTimestamp(last);
	return { millis, counter };
};

/** The next value after `clock` and not before `now` (milliseconds). A full counter borrows the next millisecond. */
export function tick(clock: Clock, now: number): Clock {
	if (now > clock.millis) return { millis: now, counter: 0 };
	if (clock.counter < MAX_COUNTER) return { millis: clock.millis, counter: clock.counter + 1 };
	return { millis: clock.millis + 1, counter: 0 };
}

/**
 * Moves the clock past a stamp seen from elsewhere, so that whatever is written here next is later.
 * Refuses stamps more than MAX_DRIFT ahead of `now`; `ahead` is by how many milliseconds.
 */
export function receive(clock: Clock, now: number, seen: Timestamp): ReceiveResult {
	const { millis, counter } = parseTimestamp(seen);
	if (millis - now > MAX_DRIFT) return { ok: false, reason: 'clock_ahead', ahead: millis - now };
	return { ok: true, clock: later(clock, { millis, counter }) };
}

/**
 * The stamp, or the last one that others would take where it is further ahead of `now`: a node that was once set to a wrong
 * time must not go on from there.
 */
export function believableStamp(stamp: Timestamp | null, now: number): Timestamp | null {
	if (stamp === null || receive(createClock(), now, stamp).ok) return stamp;
	return clockToTimestamp({ millis: now + MAX_DRIFT, counter: 0 }, parseTimestamp(stamp).writer);
}

export function later(a: Clock, b: Clock): Clock {
	if (a.millis !== b.millis) return a.millis > b.millis ? a : b;
	return a.counter >= b.counter ? a : b;
}

/**
 * `at`, or where that is not later than `before`, the next value after `before`: an edit is later than what it
 * replaced, even if its clock did not know of that.
 */
export function stampAfter(before: Timestamp | undefined, at: Timestamp): Timestamp {
	if (before === undefined || at > before) return at;
	return clockToTimestamp(tick(createClock(before), 0), parseTimestamp(at).writer);
}

export const clockToTimestamp = (clock: Clock, writer: string): Timestamp => createTimestamp({ ...clock, writer });
