import type { NodeId, Timestamp } from '../replication/timestamp.ts';

export type ClockPort = {
	/** Wall clock in milliseconds. */
	now(): number;
	/** The next stamp of this process. */
	stamp(): Timestamp;
	/** Moves past a remote's stamp; how many milliseconds too far ahead it is, or 0. */
	receive(seen: Timestamp): number;
	/** 0 ≤ x < 1 */
	random(): number;
};

/** Who this node is. */
export type NodeDep = { node: NodeId };
/** The stamp of everything that was there before Data Sync was. */
export type BaselineDep = { baseline: Timestamp };
export type ClockDep = { clock: ClockPort };
