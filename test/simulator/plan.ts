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
	/** Fields, and whole collections, that its model does not have. */
	lacks?: { collection: string; field?: string }[];
};

export type Filter = Record<string, unknown>;

export type Schema = { collection: string; fields: string[]; filter?: Filter }[];

/** A source of one direction between two nodes. */
export type LinkPlan = {
	from: number;
	to: number;
	/** Tells several sources of one direction apart. */
	name?: string;
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
	/**
	 * Creates the item with all its fields (`sparse`: with those named, and leaves the others empty), or changes those named.
	 * The write's number gives the values.
	 */
	| {
			kind: 'put';
			collection: string;
			item: string;
			write: number;
			changed: string[];
			article: string | null;
			sparse?: boolean;
	  }
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
	/** The source gets another listing. */
	| ({ kind: 'list'; schema: Schema } & LinkName)
	/** Nothing gets from one node to the other any more, whatever is mended. */
	| { kind: 'die'; from: number; to: number }
	/** The source is not published any more, or is removed. */
	| ({ kind: 'unpublish' } & LinkName)
	| ({ kind: 'remove' } & LinkName)
	/** The node's database is put back to what it was some time ago. */
	| { kind: 'restore'; node: number; age: number }
	/** The wall clock is set. */
	| { kind: 'jump'; node: number; skew: number }
	/** All processes of the node are stopped, and started again. */
	| { kind: 'restart'; node: number }
);

export type LinkName = Pick<LinkPlan, 'from' | 'to' | 'name'>;

/** What a run may have beside what all have. */
export const FEATURES = [
	'filters',
	'returns',
	'deaths',
	'listings',
	'sources',
	'models',
	'cleaning',
	'cascades',
	'clocks',
] as const;
export type Feature = (typeof FEATURES)[number];

export type Plan = {
	seed: string;
	/** Nodes then need not become equal as a whole; each link is to tell what it lists. */
	features?: Feature[];
	topology: Topology;
	nodes: NodePlan[];
	links: LinkPlan[];
	/** Children need their parents, as with a foreign key. */
	foreignKeys: boolean;
	/** What the database does to the children of a deleted parent; without it nobody deletes parents. */
	onDelete?: 'SET NULL' | 'CASCADE';
	/** Articles every node has from before the install, which no feed knows: the number of the write per node. */
	old: { item: string; writes: number[] }[];
	faults: Faults;
	events: Event[];
	/** When everything is mended and people stop writing, in milliseconds. */
	quietFrom: number;
	/** How long deletions are remembered, in milliseconds; without it nobody cleans. */
	retention?: number;
	/** What people do days after all has been mended and cleaned; `at` counts from then. */
	later?: Extract<Event, { kind: 'write' }>[];
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
