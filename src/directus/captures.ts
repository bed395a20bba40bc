/**
 * The writes that are open in this process: which items a transaction has touched so far, and whether it has
 * committed. Directus' activity rows are written inside the writer's own transaction, so that is where we listen.
 *
 * A *marker* row in `data_sync_writes` becomes visible exactly when the write does. Should the process die between the
 * commit and the touch, the marker stays behind and says where in the activity log to look.
 */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { ClockPort, Touch } from '../delivery/ports.ts';
import type { WatchPorts } from '../delivery/watch.ts';
import { itemId } from '../replication/change.ts';
import { insertMarker, removeMarker, type WriteAction } from './markers.ts';
import { joinTouches, touchCaptured } from './touch-captured.ts';

/** How long an item counts as captured, in milliseconds: until the Flow that its event started has come by. */
const REMEMBER = 60_000;
const MOST_REMEMBERED = 200_000;

export type Captures = {
	/** Notes a written item. Called inside the writer's transaction; never rejects. */
	note(transaction: Knex.Transaction, collection: string, item: string, action: WriteAction): Promise<void>;
	/** Says which fields of a noted item were changed. */
	noteChanged(transaction: Knex.Transaction, collection: string, item: string, fields: string[]): void;
	/** Waits until the open writes of these items are touched in the feed or rolled back. */
	settled(collection: string, items: string[]): Promise<void>;
	/** Whether the item was captured of late, so that its event brings nothing new. */
	knows(collection: string, item: string): boolean;
	/** Touches items that were written past the capture. */
	touch(touches: Touch[]): Promise<void>;
	/** Markers this process still answers for. */
	owned(): Set<string>;
};

type OpenWrite = { marker: string; touches: Map<string, Touch>; done: Promise<void> };

export type CapturePorts = WatchPorts & { database: Knex; clock: ClockPort };

type Log = { warn(message: string): void };

export function createCaptures(ports: CapturePorts, log: Log, onTouched: () => void): Captures {
	const process = randomUUID();
	const open = new Map<Knex.Transaction, OpenWrite>();
	const recent = new Map<string, number>();

	const remember = (touches: Iterable<string>): void => {
		const until = Date.now() + REMEMBER;
		for (const id of touches) {
			recent.delete(id);
			recent.set(id, until);
		}
		for (const [id, expiry] of recent) {
			if (expiry > Date.now() && recent.size <= MOST_REMEMBERED) break;
			recent.delete(id);
		}
	};

	/** With another write of the item open, what the database holds now need not be what this one wrote. */
	const certain = (write: OpenWrite): Touch[] => {
		const others = [...open.values()].filter((other) => other !== write);
		return [...write.touches].map(([id, touch]) =>
			others.some((other) => other.touches.has(id)) ? { ...touch, changed: null } : touch,
		);
	};

	const begin = async (transaction: Knex.Transaction): Promise<OpenWrite> => {
		const write: OpenWrite = { marker: randomUUID(), touches: new Map(), done: Promise.resolve() };
		open.set(transaction, write);
		write.done = outermost(transaction)
			.then(
				async () => {
					await touchCaptured(ports, certain(write));
					remember(write.touches.keys());
					await removeMarker(ports.database, write.marker);
					onTouched();
				},
				() => undefined,
			)
			.catch((error: unknown) =>
				log.warn(`Data Sync: changes were not noted yet, and will be recovered: ${text(error)}`),
			)
			.finally(() => open.delete(transaction));
		await insertMarker(transaction, { id: write.marker, owner: process });
		return write;
	};

	return {
		note: async (transaction, collection, item, action) => {
			try {
				const write = open.get(transaction) ?? (await begin(transaction));
				const id = itemId(collection, item);
				const before = write.touches.get(id);
				const touch: Touch = {
					...{ collection, item, at: ports.clock.stamp(), changed: before ? [] : null },
					...{ created: action === 'create', onlyUpdated: action === 'update' },
				};
				write.touches.set(id, before ? joinTouches(before, touch) : touch);
			} catch (error) {
				log.warn(`Data Sync: a change of ${collection} ${item} could not be marked: ${text(error)}`);
			}
		},
		noteChanged: (transaction, collection, item, fields) => {
			const write = open.get(transaction);
			const touch = write?.touches.get(itemId(collection, item));
			if (touch) touch.changed = [...(touch.changed ?? []), ...fields];
		},
		settled: async (collection, items) => {
			const ids = items.map((item) => itemId(collection, item));
			const writes = [...open.values()].filter((write) => ids.some((id) => write.touches.has(id)));
			await Promise.all(writes.map((write) => write.done));
		},
		knows: (collection, item) => (recent.get(itemId(collection, item)) ?? 0) > Date.now(),
		touch: (touches) => touchCaptured(ports, touches),
		owned: () => new Set([...open.values()].map((write) => write.marker)),
	};
}

/** Resolves on commit and rejects on rollback of the transaction that decides: a savepoint's says nothing. */
function outermost(transaction: Knex.Transaction): Promise<unknown> {
	const parent = (transaction as unknown as { parentTransaction?: Knex.Transaction }).parentTransaction;
	return parent ? outermost(parent) : transaction.executionPromise;
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
