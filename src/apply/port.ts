import type { CollectionShape, ItemAction, ItemWrite, Ref, UsersPort, Values } from '../content/port.ts';
import type { FeedRow, Touch } from '../feed/port.ts';
import type { Conflict } from '../replication/conflict.ts';
import type { Digest } from '../replication/digest.ts';
import type { NodeId } from '../replication/timestamp.ts';
import type { Turn } from '../replication/turns.ts';

/** The receiver's side: one transaction of the database that the changes are written to. */
export type ApplyTransaction = UsersPort & {
	shape(collection: string): Promise<CollectionShape | null>;
	/**
	 * Feed rows and current values of the items, locked until the transaction ends. Rejects with a StaleError when an item
	 * without a row was written, but not touched yet: there is nothing to tell that write from older content by.
	 */
	lock(shape: CollectionShape, items: string[], fields: string[]): Promise<LockedItem[]>;
	/** Those of the items that exist, whatever is synced of their collection. */
	existing(collection: string, items: string[]): Promise<Set<string>>;
	/** Current values again, as the database now has them. */
	read(shape: CollectionShape, items: string[], fields: string[]): Promise<Map<string, Values>>;
	/**
	 * Whether the sender may do one of these in the collection, or with the item, which exists. For what no write asks for.
	 */
	may(shape: CollectionShape, actions: ItemAction[], item: string | null): Promise<boolean>;
	/** Writes through Directus' services as the Data Sync user. Rejects with a Refusal. */
	write(shape: CollectionShape, write: ItemWrite): Promise<void>;
	/** The last turn of a sender's link; null when there was none yet. */
	lastTurn(node: NodeId, source: string): Promise<Turn | null>;
	recordTurn(node: NodeId, source: string, turn: Turn): Promise<void>;
	/** Runs a part that may fail without taking the rest along. */
	isolated<T>(run: () => Promise<T>): Promise<T>;
	/**
	 * Stores feed rows, unsettled, so that they are numbered after the commit. Rejects with a StaleError when an item that
	 * had no row to be locked (isNew) has one by now: an edit of it has been touched meanwhile, and was not merged.
	 */
	record(rows: RecordedRow[]): Promise<void>;
	/** Counts conflicts, for their sources and for the node; one that is known already is not counted again. */
	noteConflicts(conflicts: NotedConflict[]): Promise<void>;
	/** As the feed's, inside of the transaction. */
	referring(collection: string, field: string, digests: Digest[]): Promise<Ref[]>;
	/** Marks items that the feed knows for comparison after the commit. */
	touch(touches: Touch[]): Promise<void>;
};

/** A conflict of an item, and the source that it counts for. */
export type NotedConflict = Ref & Conflict & { source: string | null };

export type RecordedRow = Omit<FeedRow, 'seq' | 'touched' | 'rev'> & { isNew: boolean };

export type LockedItem = { item: string; row: FeedRow | null; values: Values | null };

export type ApplyPort = {
	/**
	 * Transactions of a node run one after the other, in all its processes: an item that neither the feed nor the
	 * database has yet leaves nothing else to lock, and two batches with it must not both take it for new.
	 */
	transaction<T>(run: (transaction: ApplyTransaction) => Promise<T>): Promise<T>;
};

export type ApplyDep = { apply: ApplyPort };
