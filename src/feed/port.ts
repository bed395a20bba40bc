import type { Ref } from '../content/port.ts';
import type { Digest } from '../replication/digest.ts';
import type { ItemState } from '../replication/merge.ts';
import type { NodeId, Timestamp } from '../replication/timestamp.ts';

export type FeedRow = Ref &
	ItemState & {
		/** Place in the feed; null until settled. */
		seq: number | null;
		/** Clock value of the last touch that is not settled yet. */
		touched: Timestamp | null;
		/** Counts the writes to this row; a write based on an older count is dropped. */
		rev: number;
		/** Nodes that have this very state or are being sent it. */
		path: NodeId[];
		/** Which of the sources' filters the item passed when it was settled. */
		passes?: string | null;
	};

export type Touch = Ref & {
	at: Timestamp;
	created: boolean;
	/** The fields that were changed; null when that is not known. */
	changed: string[] | null;
	/** It was an update, so where there is no item it has written nothing: Directus notes such an update all the same. */
	onlyUpdated?: boolean;
	/** It was a deletion, though the item may have been created again since. */
	deleted?: boolean;
};

export type TouchOptions = {
	/** Leave out items that have no row yet. */
	onlyKnown?: boolean;
	/** Give the items a new seq even if nothing differs, so that every source is sent them again. */
	again?: boolean;
	/** What to put on the path of items that get a new seq; nobody is, without it. */
	path?: NodeId[];
};

export type FeedPort = {
	/** Marks items for comparison, in bulk. */
	touch(touches: Touch[], options?: TouchOptions): Promise<void>;
	/** Unsettled rows, those of some collections left out, the oldest touch first. */
	unsettled(limit: number, without?: Iterable<string>): Promise<FeedRow[]>;
	read(refs: Ref[]): Promise<FeedRow[]>;
	/** Living items whose rows have one of these digests for a field. */
	referring(collection: string, field: string, digests: Digest[]): Promise<Ref[]>;
	/** Writes settled rows in one transaction, numbering those that ask for it in the given order. Rows changed
	 *  since they were read are left alone. */
	settle(rows: SettledRow[]): Promise<void>;
	/** Adds unsettled rows, touched as they say, for items that have none; rows that exist stay as they are. */
	introduce(rows: Omit<FeedRow, 'seq' | 'rev'>[]): Promise<void>;
	/** Writes the stamps of rows, and nothing else of them. Rows changed since they were read are left alone. */
	remember(rows: FeedRow[]): Promise<void>;
	/** Rows after a seq, in order. */
	after(seq: number, limit: number): Promise<FeedRow[]>;
	/** How many rows of these collections lie after a seq and up to another. */
	countAfter(seq: number, upTo: number, collections: string[]): Promise<number>;
	/** The largest seq given out. */
	head(): Promise<number>;
	/** What has no place in the feed yet; costs no more the longer the feed is. */
	backlog(): Promise<Backlog>;
};

export type Backlog = {
	/** Writes whose items are not touched yet, of whatever collections; for a moment each, and after a crash until recovered. */
	unnoted: number;
	/** How many rows are unsettled, by collection. */
	unsettled: ReadonlyMap<string, number>;
};

/** `number` asks for a new seq; otherwise only the touch is cleared. */
export type SettledRow = { row: FeedRow; number: boolean };

/** What the feed does not know any more. */
export type Forgotten = {
	/** The highest seq of a deletion that was dropped. */
	seq: number;
	/** By collection: the highest life of a dropped deletion; an item that is created again begins above that. */
	lives: Readonly<Record<string, number>>;
	/** By collection that rows are kept of, but no source lists: since when, in milliseconds. */
	unlisted: Readonly<Record<string, number>>;
};

/** Keeps the tables from growing for ever. Every call is one short transaction; several processes may clean at once. */
export type RetentionPort = {
	forgotten(): Promise<Forgotten>;
	/** Settled rows of deleted items, up to a seq, whose deletion has been known here since before a time. */
	tombstones(options: { before: number; upTo: number; limit: number }): Promise<FeedRow[]>;
	/** The collections that there are rows of. */
	collections(): Promise<string[]>;
	/** Rows of a collection after a key, in key order. */
	rowsOf(collection: string, after: string, limit: number): Promise<FeedRow[]>;
	/** Drops those of the rows that have not changed since they were read, and remembers what is to be known of them. */
	drop(rows: FeedRow[], lives: Forgotten['lives']): Promise<void>;
	noteUnlisted(unlisted: Forgotten['unlisted']): Promise<void>;
	/** Drops the checkpoints and deliveries of sources that are gone, and conflicts noted before a time. */
	dropOrphans(options: { before: number }): Promise<void>;
};

export type FeedDep = { feed: FeedPort };
export type RetentionDep = { retention: RetentionPort };
