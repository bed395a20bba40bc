/** The process's clock: the pure one, fed with the wall clock, and stamping for this node and this process. */
import { randomBytes } from 'node:crypto';
import { clockToTimestamp, createClock, receive, tick } from '../replication/clock.ts';
import type { NodeId, Timestamp } from '../replication/timestamp.ts';
import type { ClockPort } from './port.ts';

/**
 * @param last the latest stamp known of this node; every stamp given out is later
 */
export function createSystemClock(node: NodeId, last: Timestamp | null): ClockPort {
	// Two processes of one node must never give out the same stamp.
	const writer = `${node}${randomBytes(2).toString('hex')}`;
	let clock = createClock(last);

	return {
		now: () => Date.now(),
		stamp: () => {
			clock = tick(clock, Date.now());
			return clockToTimestamp(clock, writer);
		},
		receive: (seen) => {
			const result = receive(clock, Date.now(), seen);
			if (!result.ok) return result.ahead;
			clock = result.clock;
			return 0;
		},
		random: () => Math.random(),
	};
}
