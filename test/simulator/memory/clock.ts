/** A process's clock on a wall clock that tests move as they like. */
import type { ClockPort } from '../../../src/directus/port.ts';
import { clockToTimestamp, createClock, receive, tick } from '../../../src/replication/clock.ts';
import type { NodeId, Timestamp } from '../../../src/replication/timestamp.ts';

export type VirtualClockOptions = {
	node: NodeId;
	/** Tells the node's processes apart: 4 hexadecimal digits. */
	process?: string;
	/** The latest stamp that was persisted. */
	last?: Timestamp | null;
	wall: () => number;
	random?: () => number;
};

export function createVirtualClock(options: VirtualClockOptions): ClockPort {
	const { node, process = '0001', last = null, wall, random = () => 0.5 } = options;
	let clock = createClock(last);

	return {
		now: wall,
		random,
		stamp: () => {
			clock = tick(clock, wall());
			return clockToTimestamp(clock, `${node}${process}`);
		},
		receive: (seen) => {
			const result = receive(clock, wall(), seen);
			if (!result.ok) return result.ahead;
			clock = result.clock;
			return 0;
		},
	};
}
