/** A database transaction in memory: its writes are its own until it commits. */

import type { NotedConflict } from '../../../src/apply/port.ts';
import type { Ref, Values } from '../../../src/content/port.ts';
import type { FeedRow } from '../../../src/feed/port.ts';
import { OWN_CHECKPOINT } from '../../../src/link/port.ts';
import { itemId } from '../../../src/replication/change.ts';
import type { Turn } from '../../../src/replication/turns.ts';
import { readCheckpoint } from './checkpoints.ts';
import type { Activity, Database, Marker } from './database.ts';
import type { Owner } from './locks.ts';
import { feedKey, itemKey, type Session } from './session.ts';

export type Transaction = {
	/** Takes row locks, and keeps them until the end. */
	hold(keys: string[]): Promise<void>;
	/** Stored values as this transaction sees them. */
	item(id: string): Values | null;
	feedRow(id: string): FeedRow | null;
	feedRows(): FeedRow[];
	/** Writes an item (null: deletes it) and its line in the activity log, if a user does it. Its row must be held. */
	putItem(ref: Ref, values: Values | null, user: Activity['user'] | null): void;
	putFeedRow(row: FeedRow): void;
	putConflict(conflict: NotedConflict): void;
	/** The last turn of a link. */
	turn(link: string): Turn | null;
	putTurn(link: string, turn: Turn): void;
	/** Leaves a marker whose floor is the activity log as it is now. */
	putMarker(id: string, createdAt: number): void;
	/** Undoes what `run` wrote when it rejects. */
	isolated<T>(run: () => Promise<T>): Promise<T>;
	commit(): void;
	rollback(): void;
};

type Writes = {
	items: Map<string, Values | null>;
	feed: Map<string, FeedRow>;
	activity: Omit<Activity, 'id'>[];
	markers: Marker[];
	conflicts: NotedConflict[];
	turns: Map<string, Turn>;
};

export async function begin(session: Session): Promise<Transaction> {
	const { store } = session;
	const owner: Owner = { process: session.process };
	let writes: Writes = {
		items: new Map(),
		feed: new Map(),
		activity: [],
		markers: [],
		conflicts: [],
		turns: new Map(),
	};

	await session.step('begin');
	if (store.data.vendor.exclusive) await store.locks.hold(owner, session.scope([]));

	const item = (id: string) =>
		writes.items.has(id) ? (writes.items.get(id) ?? null) : (store.data.items.get(id) ?? null);

	return {
		hold: (keys) => store.locks.hold(owner, session.scope(keys)),
		item,
		feedRow: (id) => writes.feed.get(id) ?? store.data.feed.get(id) ?? null,
		feedRows: () => [...new Map([...store.data.feed, ...writes.feed]).values()],
		putItem: ({ collection, item: key }, values, user) => {
			const id = itemId(collection, key);
			const action = values === null ? 'delete' : item(id) === null ? 'create' : 'update';
			writes.items.set(id, values);
			if (user !== null) writes.activity.push({ action, collection, item: key, user });
		},
		putFeedRow: (row) => writes.feed.set(itemId(row.collection, row.item), row),
		putConflict: (conflict) => writes.conflicts.push(conflict),
		turn: (link) => writes.turns.get(link) ?? store.data.links.get(link) ?? null,
		putTurn: (link, turn) => writes.turns.set(link, turn),
		putMarker: (id, createdAt) => writes.markers.push({ id, floor: store.data.activity.at(-1)?.id ?? 0, createdAt }),
		isolated: async (run) => {
			const before = copy(writes);
			try {
				return await run();
			} catch (error) {
				writes = before;
				throw error;
			}
		},
		commit: () => {
			const { data } = store;
			for (const [id, values] of writes.items) {
				if (values === null) data.items.delete(id);
				else data.items.set(id, values);
			}
			for (const [id, row] of writes.feed) data.feed.set(id, row);
			for (const line of writes.activity) data.activity.push({ ...line, id: (data.activity.at(-1)?.id ?? 0) + 1 });
			for (const marker of writes.markers) data.markers.set(marker.id, marker);
			for (const conflict of writes.conflicts) countConflict(data, conflict);
			for (const [link, turn] of writes.turns) data.links.set(link, turn);
			store.locks.release(owner);
		},
		rollback: () => store.locks.release(owner),
	};
}

const copy = ({ items, feed, activity, markers, conflicts, turns }: Writes): Writes => ({
	items: new Map(items),
	feed: new Map(feed),
	activity: [...activity],
	markers: [...markers],
	conflicts: [...conflicts],
	turns: new Map(turns),
});

function countConflict(data: Database, conflict: NotedConflict): void {
	const { collection, item, field, loser, source } = conflict;
	const name = JSON.stringify([collection, item, field, loser]);
	if (data.conflicts.has(name)) return;
	data.conflicts.set(name, conflict);

	for (const counting of source === null ? [OWN_CHECKPOINT] : [source, OWN_CHECKPOINT]) {
		const { health, ...others } = readCheckpoint(data, counting);
		data.checkpoints.set(counting, { ...others, health: { ...health, conflicts: health.conflicts + 1 } });
	}
}

export const lockKeys = (ref: Ref) => {
	const id = itemId(ref.collection, ref.item);
	return { id, feed: feedKey(id), item: itemKey(id) };
};
