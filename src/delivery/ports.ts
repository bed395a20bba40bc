/**
 * What delivery needs from the world. Every port has an implementation on Directus in `src/directus`; nothing in
 * this folder knows of databases, HTTP or timers.
 *
 * Words: an *item* is named by a ref; a *feed row* is what we remember of it; a row is *unsettled* when it was touched
 * since it was last compared, or was applied and has no seq yet; a *source* is a remote as configured; its
 * *checkpoint* is the last seq it acknowledged; a *delivery* is an item's exception for one source.
 */
import type { Change } from '../replication/change.ts';
import type { Conflict } from '../replication/conflict.ts';
import type { Content } from '../replication/content.ts';
import type { Digest, Json } from '../replication/digest.ts';
import type { Link, Turn, Turns } from '../replication/link.ts';
import type { ItemState } from '../replication/merge.ts';
import type { ChangeResult, ResultCode } from '../replication/result.ts';
import type { NodeId, Timestamp } from '../replication/timestamp.ts';
import type { Expansion } from './expand-listing.ts';
import type { Listing } from './listing.ts';
import type { Warning } from './warnings.ts';

/** The name of an item: its collection and its primary key as text. */
export type Ref = { collection: string; item: string };

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
};

export type FeedPort = {
	/** Marks items for comparison, in bulk. */
	touch(touches: Touch[], options?: TouchOptions): Promise<void>;
	/** Unsettled rows, the oldest touch first. */
	unsettled(limit: number): Promise<FeedRow[]>;
	read(refs: Ref[]): Promise<FeedRow[]>;
	/** Living items whose rows have one of these digests for a field. */
	referring(collection: string, field: string, digests: Digest[]): Promise<Ref[]>;
	/** Writes settled rows in one transaction, numbering those that ask for it in the given order. Rows changed
	 *  since they were read are left alone. */
	settle(rows: SettledRow[]): Promise<void>;
	/** Adds unsettled rows, touched as they say, for items that have none; rows that exist stay as they are. */
	introduce(rows: Omit<FeedRow, 'seq' | 'rev'>[]): Promise<void>;
	/** Rows after a seq, in order. */
	after(seq: number, limit: number): Promise<FeedRow[]>;
	/** How many rows of these collections lie after a seq and up to another. */
	countAfter(seq: number, upTo: number, collections: string[]): Promise<number>;
	/** The largest seq given out. */
	head(): Promise<number>;
};

/** `number` asks for a new seq; otherwise only the touch is cleared. */
export type SettledRow = { row: FeedRow; number: boolean };

export type FieldShape = {
	/** The Directus type. */
	type: string;
	/** It holds the id of a user. */
	user?: true;
	/** Directus sets it itself on such a write, whatever it is given. */
	setOn?: SetOn;
};

export type SetOn = { kind: 'create' | 'update'; to: 'user' | 'role' | 'date' };

export type CollectionShape = {
	collection: string;
	primaryKey: string;
	keyType: string;
	/** Each node counts this key up by itself, so two nodes can give one key to different items. */
	keyIsCounted: boolean;
	/** The database takes a UUID with capital letters for the same key, and gives it back without. */
	keyIsCaseless?: boolean;
	/** It has one item, named SINGLETON. */
	isSingleton?: boolean;
	/** Syncable columns by name, the primary key left out. */
	fields: ReadonlyMap<string, FieldShape>;
	/** The fields that refer to items. */
	references: ReadonlyMap<string, Reference>;
	/** The fields of whatever collections that the database empties, or whose items it deletes, with an item of this one. */
	cascadesTo?: { collection: string; field: string }[];
};

export type Reference = {
	/** The collection; null when each item says which, in the field `by`. */
	to: string | null;
	by: string | null;
	/** The field may be left empty. */
	nullable: boolean;
};

export type Values = Readonly<Record<string, Json>>;

export type ItemsPort = {
	shape(collection: string): Promise<CollectionShape | null>;
	/** Values of the items that exist, by key. A file's content is left out while it can't be told. */
	read(shape: CollectionShape, items: string[], fields: string[]): Promise<Map<string, Values>>;
	/** Keys of the existing items after a key, in key order. */
	keys(shape: CollectionShape, after: string | null, limit: number): Promise<string[]>;
	/** Those of the items that match a Directus filter rule. */
	matching(shape: CollectionShape, items: string[], filter: Record<string, unknown>): Promise<Set<string>>;
	/** Keys, after a key and in key order, of existing items that match a Directus filter rule. */
	find(shape: CollectionShape, filter: Record<string, unknown>, after: string | null, limit: number): Promise<string[]>;
	/** E-mail addresses of those users that exist and have one, by id. */
	emails(users: string[]): Promise<Map<string, string>>;
};

export type Source = {
	id: string;
	name: string;
	published: boolean;
	url: string;
	apiKey: string | null;
	listing: Listing;
	/** Why the source can't be used as configured, or null. */
	configurationError: string | null;
	/** The same for the check, each by itself. */
	configurationFaults?: { url: string | null; listing: string | null };
	/** How the listing came about, for the check. */
	expansion?: Omit<Expansion, 'listing'>;
	/** Users to tell about outages. */
	usersNotification: string[];
};

export type SourcesPort = {
	/** All sources, whatever their status; read afresh. */
	list(): Promise<Source[]>;
	/** Shows the editor how the last push went. */
	report(id: string, report: { syncedAt?: number; error?: string | null }): Promise<void>;
};

export type Checkpoint = {
	source: string;
	/** The last seq the source has acknowledged. */
	seq: number;
	/** Up to where a push has been asked for. */
	target: number;
	/** The remote's node id, once known. */
	node: NodeId | null;
	/** Digest of the configuration that the seq belongs to. */
	fingerprint: string | null;
	attempts: number;
	/** Which batch the remote may have applied last. */
	turns: Turns;
	/** How many milliseconds the remote's clock is ahead of ours; null when it was never asked. */
	clockOffset: number | null;
	/** Milliseconds; no attempt before that. */
	nextAttemptAt: number | null;
	failingSince: number | null;
	/** Since when nobody has answered there; null when the last attempt was answered, be it by a refusal. */
	unansweredSince: number | null;
	error: string | null;
	/** When the users were told of the outage, and of refused items. */
	notifiedAt: number | null;
	refusedNotifiedAt: number | null;
	/** What the remote could not follow, by field. */
	warnings: Warning[];
	/** Conflicts that its remote has told us of so far, and when the last one came. */
	conflicts: number;
	lastConflictAt: number | null;
	/** The highest seq of a dropped deletion that the remote is known not to miss; null before the first push. */
	forgottenSeq: number | null;
	/** Since when it is known that deletions were dropped which the remote was never told of; null: none were. */
	reconcileSince: number | null;
};

/** The checkpoint that is no source's: apply takes its turn by it, and all conflicts of this node are counted in it. */
export const OWN_CHECKPOINT = 'apply';

export type CheckpointsPort = {
	read(source: string): Promise<Checkpoint>;
	/** @param fingerprint if given, nothing is saved unless the checkpoint has this one */
	save(source: string, changes: Partial<Omit<Checkpoint, 'source'>>, fingerprint?: string): Promise<void>;
	/** Raises the target of sources; never lowers it. */
	request(sources: string[], target: number): Promise<void>;
	/** Lowers the target to what is acknowledged. */
	cancel(source: string): Promise<void>;
	/** Takes or prolongs the right to push to a source, and keeps it up until the release or the end of the process;
	 *  false when another process has it. */
	lease(source: string, milliseconds: number): Promise<boolean>;
	release(source: string): Promise<void>;
};

export type DeliveryStatus = 'pending' | 'failed';

export type Delivery = Ref & {
	status: DeliveryStatus;
	code: ResultCode;
	message: string;
	attempts: number;
	nextAttemptAt: number | null;
};

export type DeliveriesPort = {
	/** Of these items, or all of the source. */
	read(source: string, refs?: Ref[]): Promise<Delivery[]>;
	put(source: string, deliveries: Delivery[]): Promise<void>;
	clear(source: string, refs: Ref[]): Promise<void>;
	/** Makes deliveries (null: all) pending and due now, by their own ids; returns the sources they belong to. */
	retry(ids: string[] | null): Promise<{ count: number; sources: string[] }>;
	/** Makes all deliveries of sources due now, whatever their status: the sources have been configured anew. */
	makeDue(sources: string[]): Promise<void>;
};

export type RemoteInfo = {
	node: NodeId;
	clock: Timestamp;
	/** How many milliseconds that clock is ahead of ours. */
	clockOffset: number;
	maxPayloadBytes: number;
	maxChanges: number;
};

export type TransportPort = {
	/** Rejects with a RemoteError. */
	info(source: Source): Promise<RemoteInfo>;
	/** One result per change. Rejects with a RemoteError. */
	send(source: Source, batch: { node: NodeId; path: NodeId[]; link: Link; changes: Change[] }): Promise<ChangeResult[]>;
};

export type FilesPort = {
	/** Sends a file's bytes; null when the remote has them now, else why not. Never rejects: a failure is that file's own. */
	upload(source: Source, file: string, content: Content): Promise<ChangeResult | null>;
};

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

export type NotifyPort = {
	outage(source: Source, since: number, error: string): Promise<void>;
	recovered(source: Source, since: number): Promise<void>;
	refused(source: Source, failed: number, example: Delivery): Promise<void>;
	leftOut(source: Source, warnings: Warning[]): Promise<void>;
	/** Deletions have been forgotten that the remote does not know of. `todo` says what to do. */
	incomplete(source: Source, todo: string): Promise<void>;
};

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

/** What settling and pushing needs; applying needs the rights of a request on top. */
export type SenderPorts = {
	node: NodeId;
	/** The stamp of everything that was there before Data Sync was. */
	baseline: Timestamp;
	feed: FeedPort;
	items: ItemsPort;
	sources: SourcesPort;
	checkpoints: CheckpointsPort;
	deliveries: DeliveriesPort;
	transport: TransportPort;
	files: FilesPort;
	notify: NotifyPort;
	retention: RetentionPort;
	clock: ClockPort;
};

export type Ports = SenderPorts & { apply: ApplyPort };

export type ItemWrite = Ref &
	(
		| {
				kind: 'create' | 'update';
				values: Values;
				/** Fields that Directus would set by itself on this write, and that are to stay what they are. */
				keep?: Values;
		  }
		| { kind: 'delete'; values?: undefined }
	);

/** The receiver's side: one transaction of the database that the changes are written to. */
export type ApplyTransaction = {
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
	/** Those of the users that exist here, by id or e-mail address in lower case; their ids. */
	users(ids: string[], emails: string[]): Promise<KnownUsers>;
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

export type KnownUsers = { ids: ReadonlySet<string>; byEmail: ReadonlyMap<string, string> };

export type LockedItem = { item: string; row: FeedRow | null; values: Values | null };

export type ApplyPort = {
	/**
	 * Transactions of a node run one after the other, in all its processes: an item that neither the feed nor the
	 * database has yet leaves nothing else to lock, and two batches with it must not both take it for new.
	 */
	transaction<T>(run: (transaction: ApplyTransaction) => Promise<T>): Promise<T>;
};
