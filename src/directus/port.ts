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

/** What only one process of a node is to do at a time, by name. A lease saves double work; nothing depends on it. */
export type LeasesPort = {
	/**
	 * Takes the lease and keeps it up until its release or the end of the process. Once more by the same process prolongs it.
	 * @param milliseconds after which it falls to whoever asks, if this process does not live to keep it up
	 * @returns false when another process has it
	 */
	take(name: string, milliseconds: number): Promise<boolean>;
	/** Gives the lease back; does nothing if another process has it. */
	release(name: string): Promise<void>;
};

/** Who this node is. */
export type NodeDep = { node: NodeId };
/** The stamp of everything that was there before Data Sync was. */
export type BaselineDep = { baseline: Timestamp };
export type ClockDep = { clock: ClockPort };
export type LeasesDep = { leases: LeasesPort };
