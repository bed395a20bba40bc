/**
 * A node's database as plain data: what survives a crash. It knows Directus' collections and our tables, as far as
 * the ports can tell the difference.
 */

import type { NotedConflict } from '../../../src/apply/port.ts';
import type { CollectionShape, Values } from '../../../src/content/port.ts';
import type { FeedRow, Forgotten } from '../../../src/feed/port.ts';
import type { Checkpoint } from '../../../src/link/port.ts';
import type { Delivery } from '../../../src/push/port.ts';
import type { NodeId, Timestamp } from '../../../src/replication/timestamp.ts';
import type { Turn } from '../../../src/replication/turns.ts';
import type { Source } from '../../../src/sources/port.ts';
import type { Vendor } from './vendor.ts';

export type StoredLease = { owner: string; expiresAt: number };
export type StoredDelivery = Delivery & { id: string; source: string };

/** A write whose items are not touched in the feed yet: visible from its commit on. */
export type Marker = { id: string; floor: number; createdAt: number };

/** A line of Directus' activity log. */
export type Activity = {
	id: number;
	action: 'create' | 'update' | 'delete';
	collection: string;
	item: string;
	user: 'editor' | 'sync';
};

/**
 * A field that must name an existing item of another collection, and what the database does to its item when that one is
 * deleted; nothing is checked then when nothing is said.
 */
export type ForeignKey = { collection: string; field: string; parent: string; onDelete?: 'SET NULL' | 'CASCADE' };

export type Database = {
	node: NodeId;
	vendor: Vendor;
	shapes: ReadonlyMap<string, CollectionShape>;
	foreignKeys: ForeignKey[];
	/** E-mail addresses of users, by id. */
	users: ReadonlyMap<string, string>;
	sources: Source[];
	/** Stored values by item id; the primary key is not among them. */
	items: Map<string, Values>;
	/** Feed rows by item id. */
	feed: Map<string, FeedRow>;
	lastSeq: number;
	clock: Timestamp | null;
	checkpoints: Map<string, Checkpoint>;
	/** Those that are held, by name. */
	leases: Map<string, StoredLease>;
	deliveries: Map<string, StoredDelivery>;
	markers: Map<string, Marker>;
	/** By item id: since when the deletion of a settled row is known, in milliseconds. */
	endedAt: Map<string, number>;
	forgotten: Forgotten;
	/** By what makes each of them one. */
	conflicts: Map<string, NotedConflict>;
	/** The last turn of each sender's link. */
	links: Map<string, Turn>;
	activity: Activity[];
	/** What the sources' own rows show: last success and last error. */
	reports: Map<string, { syncedAt?: number; error?: string | null }>;
};

export type DatabaseOptions = Pick<Database, 'node' | 'vendor' | 'shapes'> &
	Partial<Pick<Database, 'foreignKeys' | 'sources' | 'users'>>;

export function createDatabase(options: DatabaseOptions): Database {
	return {
		foreignKeys: [],
		users: new Map(),
		sources: [],
		items: new Map(),
		feed: new Map(),
		lastSeq: 0,
		clock: null,
		checkpoints: new Map(),
		leases: new Map(),
		deliveries: new Map(),
		markers: new Map(),
		conflicts: new Map(),
		links: new Map(),
		endedAt: new Map(),
		forgotten: { seq: 0, lives: {}, unlisted: {} },
		activity: [],
		reports: new Map(),
		...options,
	};
}

/** A backup: entries are never changed in place, so their maps are enough. */
export function copyDatabase(database: Database): Database {
	return {
		...database,
		items: new Map(database.items),
		feed: new Map(database.feed),
		checkpoints: new Map(database.checkpoints),
		leases: new Map(database.leases),
		deliveries: new Map(database.deliveries),
		markers: new Map(database.markers),
		conflicts: new Map(database.conflicts),
		links: new Map(database.links),
		endedAt: new Map(database.endedAt),
		activity: [...database.activity],
		reports: new Map(database.reports),
	};
}
