/**
 * Sees what is written to content by whatever way, as long as it passes through Directus' own knex: services without
 * accountability or events, drag-sorting, other extensions' queries. knex tells of every statement it has run; this
 * listens only, and neither delays a statement nor changes it.
 *
 * What Directus tracks is captured by its activity and forgotten here; the rest is told when its transaction has ended.
 */
import type { Knex } from 'knex';
import { isSyncableCollection } from '../../content/syncable.ts';
import { joinTouches, type UntimedTouch, untimedTouch } from '../../feed/touch.ts';
import { itemId } from '../../replication/change.ts';
import { readStatement, type Statement, type WrittenRows } from './read-statement.ts';

/** A statement that names no keys; `columns` is null when what it sets can't be told. */
export type ObservedCollection = { collection: string; columns: string[] | null };
export type Observed = { items: UntimedTouch[]; collections: ObservedCollection[] };

export type WriteObserver = {
	/** The item's write in this transaction so far is known by other means. */
	forget(transaction: Knex, collection: string, item: string): void;
	/** Resolve when open writes of these items have been told and dealt with. */
	open(ids: Set<string>): Promise<void>[];
	stop(): void;
};

type Query = Statement & { __knexUid: string };
type Client = object & { transacting?: boolean };
type OpenWrites = {
	byClient: Map<Client, Seen>;
	rolledBack: boolean;
	done: Promise<void>;
	end: (told: Promise<void> | null) => void;
};

/**
 * @param primaryKeyOf of a table; null when it is not known
 * @param onWritten is told after the commit; must not reject
 */
export function observeWrites(
	knex: Knex,
	primaryKeyOf: (table: string) => string | null,
	onWritten: (observed: Observed) => Promise<void>,
): WriteObserver {
	/** By connection, which a transaction has to itself until it ends. */
	const open = new Map<string, OpenWrites>();

	const begin = (connection: string): OpenWrites => {
		let end: OpenWrites['end'] = () => undefined;
		const done = new Promise<void>((resolve) => {
			end = (told) => resolve(told ?? undefined);
		});
		const writes = { byClient: new Map(), rolledBack: false, done, end };
		open.set(connection, writes);
		return writes;
	};

	const onResponse = (response: unknown, query: Query, builder?: { client?: Client }): void => {
		const written = readStatement(query, response, { isContent: isSyncableCollection, primaryKeyOf });
		if (written === null) return;
		const client = builder?.client;

		if (!client?.transacting) {
			const observed = add({ items: new Map(), collections: [] }, written);
			void onWritten({ items: [...observed.items.values()], collections: observed.collections });
			return;
		}

		const { byClient } = open.get(query.__knexUid) ?? begin(query.__knexUid);
		byClient.set(client, add(byClient.get(client) ?? { items: new Map(), collections: [] }, written));
	};

	const onQuery = ({ sql, __knexUid }: Query): void => {
		const writes = open.get(__knexUid);
		if (writes && /^\s*rollback\s*;?\s*$/i.test(sql)) writes.rolledBack = true;
	};

	const onRelease = ({ __knexUid }: { __knexUid: string }): void => {
		const writes = open.get(__knexUid);
		if (!writes) return;
		open.delete(__knexUid);
		const all = [...writes.byClient.values()];
		const items = all.flatMap((each) => [...each.items.values()]);
		const collections = all.flatMap((each) => each.collections);
		const isNews = !writes.rolledBack && items.length + collections.length > 0;
		writes.end(isNews ? onWritten({ items, collections }) : null);
	};

	const pool = (knex.client as { pool: Pool }).pool;
	const listeners = { response: harmless(onResponse), query: harmless(onQuery), release: harmless(onRelease) };
	knex.on('query-response', listeners.response);
	knex.on('query', listeners.query);
	pool.on('release', listeners.release);

	return {
		forget: (transaction, collection, item) => {
			for (const { byClient } of open.values()) {
				byClient.get(transaction.client)?.items.delete(itemId(collection, item));
			}
		},
		open: (ids) =>
			[...open.values()]
				.filter(({ byClient }) => [...byClient.values()].some(({ items }) => [...ids].some((id) => items.has(id))))
				.map(({ done }) => done),
		stop: () => {
			knex.removeListener('query-response', listeners.response);
			knex.removeListener('query', listeners.query);
			pool.removeListener('release', listeners.release);
		},
	};
}

type Pool = {
	on(event: 'release', listener: (connection: { __knexUid: string }) => void): void;
	removeListener(event: 'release', listener: (connection: { __knexUid: string }) => void): void;
};

/** What a listener throws would fail the statement it hears of, and so somebody's save. */
function harmless<Heard extends unknown[]>(listener: (...heard: Heard) => void): (...heard: Heard) => void {
	return (...heard) => {
		try {
			listener(...heard);
		} catch {
			// A write that could not be read is found by reconciliation.
		}
	};
}

type Seen = { items: Map<string, UntimedTouch>; collections: ObservedCollection[] };

function add(seen: Seen, { kind, table: collection, keys, columns }: WrittenRows): Seen {
	if (keys === null) {
		// Inserted or deleted items that are not named can't be told from those the feed never knew.
		if (kind === 'update') seen.collections.push({ collection, columns });
		return seen;
	}

	for (const item of keys) {
		const id = itemId(collection, item);
		const before = seen.items.get(id);
		const touch = untimedTouch({ collection, item }, kind === 'insert' ? 'create' : kind, columns);
		seen.items.set(id, before ? joinTouches(before, touch) : touch);
	}

	return seen;
}
