/** What shall happen in a run: plain data, so that a failing run can be printed, cut down and played again. */
import type { Vendor } from './memory/vendor.ts';

export type Topology = 'mesh' | 'chain' | 'ring' | 'star';

export type NodePlan = {
	vendor: Vendor['name'];
	/** Directus processes on the node's database. */
	processes: number;
	/** How far its wall clock is off, in milliseconds. */
	skew: number;
	/** Most changes it takes in a batch. */
	maxChanges: number;
};

export type Schema = { collection: string; fields: string[] }[];

/** One direction between two nodes. */
export type LinkPlan = {
	from: number;
	to: number;
	schema: Schema;
	/** What is listed until the event that changes it, if there is one. */
	earlier?: Schema;
};

/** How likely things go wrong, each 0 to 1. */
export type Faults = {
	/** A request is lost on its way. */
	dropRequest: number;
	/** It is applied, but the answer is lost. */
	dropAnswer: number;
	duplicate: number;
	/** A request takes up to this long instead of some milliseconds. */
	delay: number;
	longestDelay: number;
	/** A database call fails before it did anything, or after. */
	database: number;
};

export type Operation =
	/** Creates the item with all its fields, or changes those named. The write's number gives the values. */
	| { kind: 'put'; collection: string; item: string; write: number; changed: string[]; article: string | null }
	| { kind: 'delete'; collection: string; item: string };

export type Event = { at: number } & (
	| { kind: 'write'; node: number; operations: Operation[]; rollback: boolean; flow: boolean }
	/** The node's process dies at the given database call from now on, and starts again after a while. */
	| { kind: 'crash'; node: number; calls: number; downtime: number }
	/** Nothing gets from one node to the other. */
	| { kind: 'cut'; from: number; to: number; duration: number }
	/** The source is not published for a while. */
	| { kind: 'pause'; from: number; to: number; duration: number }
	/** The source gets its final listing. */
	| { kind: 'relist'; from: number; to: number }
	/** The node's database is put back to what it was some time ago. */
	| { kind: 'restore'; node: number; age: number }
	/** The wall clock is set. */
	| { kind: 'jump'; node: number; skew: number }
);

export type Plan = {
	seed: string;
	topology: Topology;
	nodes: NodePlan[];
	links: LinkPlan[];
	/** Children need their parents, as with a foreign key. */
	foreignKeys: boolean;
	/** Articles every node has from before the install, which no feed knows: the number of the write per node. */
	old: { item: string; writes: number[] }[];
	faults: Faults;
	events: Event[];
	/** When everything is mended and people stop writing, in milliseconds. */
	quietFrom: number;
};

export const NO_FAULTS: Faults = {
	dropRequest: 0,
	dropAnswer: 0,
	duplicate: 0,
	delay: 0,
	longestDelay: 0,
	database: 0,
};

/** Which nodes are neighbours, each pair once. */
export function neighbours(topology: Topology, count: number): [number, number][] {
	const nodes = Array.from({ length: count }, (_, index) => index);
	const pairs = nodes.flatMap((a) => nodes.filter((b) => b > a).map((b): [number, number] => [a, b]));
	if (topology === 'mesh') return pairs;
	if (topology === 'star') return pairs.filter(([a]) => a === 0);
	const next = pairs.filter(([a, b]) => b === a + 1);
	return topology === 'ring' && count > 2 ? [...next, [0, count - 1]] : next;
}
