/** What every implementation of the clock port does. */
import { describe, expect, it } from 'vitest';
import type { ClockPort } from '../../src/directus/port.ts';
import { MAX_DRIFT } from '../../src/replication/clock.ts';
import {
	createTimestamp,
	isTimestamp,
	MAX_COUNTER,
	type NodeId,
	type Timestamp,
	timestampToMillis,
	timestampToNode,
} from '../../src/replication/timestamp.ts';

const PEER = 'ffffffffffff0001';

const stampAt = (millis: number, counter = 0): Timestamp => createTimestamp({ millis, counter, writer: PEER });

/** @param make a process of the node that starts, after the latest stamp that is known of the node */
export function describeClock(name: string, make: (node: NodeId, last: Timestamp | null) => ClockPort): void {
	const NODE = '0000000000aa' as NodeId;

	describe(`a clock ${name}`, () => {
		it('gives out stamps of its node at the present time, each later than the one before', () => {
			const clock = make(NODE, null);
			const before = clock.now();
			const stamps = Array.from({ length: 1000 }, () => clock.stamp());
			expect(stamps.every((stamp) => isTimestamp(stamp) && timestampToNode(stamp) === NODE)).toBe(true);
			expect(timestampToMillis(stamps[0] as Timestamp)).toBeGreaterThanOrEqual(before);
			expect([...new Set(stamps)].sort()).toEqual(stamps);
		});

		it('goes on after the latest stamp of the process before, though the wall clock was set back since', () => {
			const last = make(NODE, null).now() + 60 * 60_000;
			for (const counter of [0, MAX_COUNTER]) {
				const latest = stampAt(last, counter);
				expect(make(NODE, latest).stamp() > latest).toBe(true);
			}
		});

		it('stamps what is written after a remote was heard later than what was heard', () => {
			const clock = make(NODE, null);
			const seen = stampAt(clock.now() + MAX_DRIFT - 1000, 7);
			expect(clock.receive(seen)).toBe(0);
			expect(clock.stamp() > seen).toBe(true);
		});

		it('does not believe a stamp more than five minutes ahead, and is not moved by it', () => {
			const clock = make(NODE, null);
			const seen = stampAt(clock.now() + MAX_DRIFT + 60_000);
			const ahead = clock.receive(seen);
			expect(ahead).toBeGreaterThan(MAX_DRIFT);
			expect(ahead).toBeLessThanOrEqual(MAX_DRIFT + 60_000);
			expect(clock.stamp() < stampAt(clock.now() + MAX_DRIFT)).toBe(true);
		});

		it('gives no stamp that another process of the node gives', () => {
			const clocks = Array.from({ length: 2 }, () => make(NODE, null));
			const stamps = Array.from({ length: 500 }, () => clocks.map((clock) => clock.stamp())).flat();
			expect(new Set(stamps).size).toBe(stamps.length);
		});
	});
}
