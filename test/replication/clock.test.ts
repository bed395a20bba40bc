import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	believableStamp,
	type Clock,
	clockToTimestamp,
	createClock,
	later,
	MAX_DRIFT,
	receive,
	tick,
} from '../../src/replication/clock.ts';
import { createTimestamp, MAX_COUNTER, type Timestamp } from '../../src/replication/timestamp.ts';

const WRITER = '00000000000aaaaa';

/** The stamps a clock gives out while the wall clock shows these values. */
function stampsAt(walls: number[], start: Clock = createClock()): Timestamp[] {
	let clock = start;
	return walls.map((now) => {
		clock = tick(clock, now);
		return clockToTimestamp(clock, WRITER);
	});
}

const isStrictlyRising = (stamps: string[]): boolean =>
	stamps.every((stamp, index) => index === 0 || stamp > (stamps[index - 1] ?? ''));

const wall = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_050 });

describe('clock', () => {
	it('shows the wall clock while that runs', () => {
		expect(createClock()).toEqual({ millis: 0, counter: 0 });
		expect(tick({ millis: 10, counter: 7 }, 11)).toEqual({ millis: 11, counter: 0 });
	});

	it('rises strictly with a stuttering wall clock', () => {
		expect(isStrictlyRising(stampsAt([5, 5, 5, 6, 6, 6, 6, 7]))).toBe(true);
	});

	it('rises strictly with a regressing wall clock, and catches up once that is ahead again', () => {
		const stamps = stampsAt([100, 50, 10, 99, 101]);
		expect(isStrictlyRising(stamps)).toBe(true);
		expect(stamps.at(-1)).toBe(createTimestamp({ millis: 101, counter: 0, writer: WRITER }));
	});

	it('rises strictly with a wall clock that stands at zero or below', () => {
		expect(isStrictlyRising(stampsAt([0, 0, -5, -5]))).toBe(true);
	});

	it('rises strictly whatever the wall clock does', () => {
		fc.assert(fc.property(fc.array(wall, { maxLength: 50 }), (walls) => isStrictlyRising(stampsAt(walls))));
	});

	it('borrows the next millisecond when its counter is full', () => {
		const full = { millis: 100, counter: MAX_COUNTER };
		expect(tick(full, 100)).toEqual({ millis: 101, counter: 0 });
		expect(tick(full, 50)).toEqual({ millis: 101, counter: 0 });
		expect(isStrictlyRising(stampsAt([100, 100, 101, 101], { millis: 100, counter: MAX_COUNTER - 1 }))).toBe(true);
	});

	it('goes on after the stamp it persisted before a restart, even when the wall clock was set back', () => {
		const before = stampsAt([1000, 1000, 1000]);
		const last = before.at(-1) ?? null;
		expect(isStrictlyRising([...before, ...stampsAt([400, 400], createClock(last))])).toBe(true);
	});

	it('moves past a stamp seen from elsewhere, so that the next local write is later', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(wall, fc.option(wall)), { maxLength: 30 }), (steps) => {
				let clock = createClock();
				for (const [now, remote] of steps) {
					if (remote !== null) {
						const seen = createTimestamp({ millis: remote, counter: 3, writer: 'ffffffffffffffff' });
						const received = receive(clock, now, seen);
						if (!received.ok) throw new Error('refused a stamp within the drift');
						clock = received.clock;
						expect(clockToTimestamp(tick(clock, now), WRITER) > seen).toBe(true);
					}
					clock = tick(clock, now);
				}
			}),
		);
	});

	it('never moves back because of an old stamp', () => {
		const seen = createTimestamp({ millis: 5, counter: 9, writer: WRITER });
		expect(receive({ millis: 10, counter: 2 }, 10, seen)).toEqual({ ok: true, clock: { millis: 10, counter: 2 } });
	});

	it('takes a stamp exactly five minutes ahead', () => {
		const seen = createTimestamp({ millis: 1000 + MAX_DRIFT, counter: 0, writer: WRITER });
		expect(MAX_DRIFT).toBe(300_000);
		expect(receive(createClock(), 1000, seen)).toEqual({ ok: true, clock: { millis: 301_000, counter: 0 } });
	});

	it('refuses a stamp further ahead, and says by how much', () => {
		const seen = createTimestamp({ millis: 1000 + MAX_DRIFT + 1, counter: 0, writer: WRITER });
		expect(receive(createClock(), 1000, seen)).toEqual({ ok: false, reason: 'clock_ahead', ahead: MAX_DRIFT + 1 });
	});

	it('measures the drift from the wall clock, so that nodes can not push each other ever further ahead', () => {
		const ahead = { millis: 1000 + MAX_DRIFT, counter: 0 };
		const seen = createTimestamp({ millis: 1000 + MAX_DRIFT + 1, counter: 0, writer: WRITER });
		expect(receive(ahead, 1000, seen).ok).toBe(false);
	});

	it('orders two clocks by time, then counter', () => {
		const early = { millis: 1, counter: 5 };
		expect(later(early, { millis: 2, counter: 0 })).toEqual({ millis: 2, counter: 0 });
		expect(later(early, { millis: 1, counter: 6 })).toEqual({ millis: 1, counter: 6 });
		expect(later(early, { millis: 1, counter: 4 })).toEqual(early);
	});
});

describe('the stamp that a clock goes on from', () => {
	const now = 1_767_225_600_000;
	const stampAt = (millis: number) => createTimestamp({ millis, counter: 7, writer: WRITER });

	it.each([
		['one of the past', now - 1000, now - 1000],
		['one that others would take', now + MAX_DRIFT, now + MAX_DRIFT],
	])('is %s, as it is', (_title, millis, expected) => {
		expect(believableStamp(stampAt(millis), now)).toBe(stampAt(expected));
	});

	it('is the last that others would take, where it is further ahead', () => {
		const expected = createTimestamp({ millis: now + MAX_DRIFT, counter: 0, writer: WRITER });
		expect(believableStamp(stampAt(now + MAX_DRIFT + 1), now)).toBe(expected);
	});

	it('is none where there was none', () => {
		expect(believableStamp(null, now)).toBe(null);
	});
});
