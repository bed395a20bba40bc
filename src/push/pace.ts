/**
 * How large the batches of a push are, as a share of what the remote takes. After a failure a push starts small: what was too
 * much for the remote in one piece, or took it too long, may get through in several, and leaves it room for others in between.
 * With each page that gets through the share doubles, as in TCP's slow start.
 */
import { PAGE_SIZE } from '../replication/paging.ts';
import type { PackLimits } from './pack.ts';

const SMALLEST = 1 / 32;
/** In bytes. Smaller batches would cost more for what goes around them than they spare. */
const LEAST_BYTES = 32_768;

/** The share to start with after so many failures in a row. */
export const paceAfter = (failures: number): number => Math.max(SMALLEST, 2 ** -failures);

export const faster = (pace: number): number => Math.min(1, pace * 2);

/** What a batch may hold at that pace, of a remote with those limits. */
export function limitsAt(pace: number, limits: PackLimits): PackLimits {
	if (pace === 1) return limits;
	return {
		bytes: Math.min(limits.bytes, Math.max(LEAST_BYTES, Math.floor(limits.bytes * pace))),
		// Packed by pages, a batch never holds more than one, whatever the remote takes.
		changes: Math.max(1, Math.floor(Math.min(limits.changes, PAGE_SIZE) * pace)),
	};
}
