/**
 * The writes that are open in this process: which items a transaction has touched so far, and whether it has
 * committed. Directus' activity rows are written inside the writer's own transaction, so that is where we listen.
 *
 * A *marker* row in `data_sync_writes` becomes visible exactly when the write does. Should the process die between the
 * commit and the touch, the marker stays behind and says where in the activity log to look. What leaves no activity has
 * no marker; it is seen by the write observer.
 */

import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { groupByCollection } from '../../content/group.ts';
import { createOutageLog, type Log } from '../../directus/outage-log.ts';
import { latestSchema } from '../../directus/schema-memo.ts';
import type { Touch } from '../../feed/port.ts';
import { joinTouches, uploadedTouch, type WriteAction, writtenTouch } from '../../feed/touch.ts';
import { itemId } from '../../replication/change.ts';
import type { CaptureDeps } from './capture-deps.ts';
import { insertMarker, removeMarker } from './markers.ts';
import { createSuspicions } from './suspicions.ts';
import { createTouchQueue, type TouchQueueOptions } from './touch-queue.ts';
import { observeWrites } from './write-observer.ts';

export type Captures = {
	/** Notes a written item. Called inside the writer's transaction; never rejects. */
	note(transaction: Knex.Transaction, collection: string, item: string, action: WriteAction): Promise<void>;
	/** Says which fields of a noted item were changed. */
	noteChanged(transaction: Knex.Transaction, collection: string, item: string, fields: string[]): void;
	/** Says that an item is written by apply, which records it in the feed itself. */
	noteApplied(transaction: Knex, collection: string, item: string): void;
	/** A file's bytes are complete. */
	noteUploaded(file: string): void;
	/** Items of a collection were given other places among each other, in this field. */
	noteSorted(collection: string, field: string): void;
	/** Waits until the open writes of these items are touched in the feed or rolled back. */
	settled(collection: string, items: string[]): Promise<void>;
	/** Waits until what has been committed is touched. */
	idle(): Promise<void>;
	/** Tries again to touch what could not be touched. */
	retry(): Promise<void>;
	/** Markers this process still answers for. */
	owned(): Set<string>;
	stop(): void;
};

type OpenWrite = { marker: string; touches: Map<string, Touch>; done: Promise<void> };

export type CaptureOptions = TouchQueueOptions & {
	/** Something was touched that Directus may have fired no event for. */
	onUnheard: () => void;
};

export function createCaptures(ports: CaptureDeps, log: Log, options: CaptureOptions): Captures {
	const process = randomUUID();
	const open = new Map<Knex.Transaction, OpenWrite>();
	const markers = createOutageLog(
		log,
		'a write has no marker; it is noted all the same, unless this process ends first',
	);
	const queue = createTouchQueue(ports, log, options);
	const unheard = async (): Promise<void> => options.onUnheard();
	const suspicions = createSuspicions(ports, (touches) => queue.touch(touches, unheard), log);

	const observer = observeWrites(
		ports.database,
		(table) => latestSchema()?.collections[table]?.primary ?? null,
		async ({ items, collections }) => {
			for (const { collection, columns } of collections) {
				suspicions.add({ collection, fields: columns, unknown: false });
			}
			const touches = items.map((item) => ({ ...item, at: ports.clock.stamp() }));
			if (touches.length > 0) await queue.touch(await withoutUnborn(ports, touches).catch(() => touches), unheard);
		},
	);

	/** With another write of the item open, what the database holds now need not be what this one wrote. */
	const certain = (write: OpenWrite): Touch[] => {
		const others = [...open.values()].filter((other) => other !== write);
		return [...write.touches].map(([id, touch]) =>
			others.some((other) => other.touches.has(id)) ? { ...touch, changed: null } : touch,
		);
	};

	const begin = (transaction: Knex.Transaction): OpenWrite => {
		const write: OpenWrite = { marker: randomUUID(), touches: new Map(), done: Promise.resolve() };
		open.set(transaction, write);
		write.done = outermost(transaction)
			.then(
				() => queue.touch(certain(write), () => unmark(write.marker)),
				() => undefined,
			)
			.finally(() => open.delete(transaction));
		return write;
	};

	const mark = (transaction: Knex.Transaction, id: string): Promise<void> =>
		insertMarker(transaction, { id, owner: process }).then(markers.worked, markers.failed);

	/** One that can't be taken away is recovered by and by, which does no harm. */
	const unmark = (id: string): Promise<void> => removeMarker(ports.database, id).then(undefined, markers.failed);

	return {
		note: async (transaction, collection, item, action) => {
			observer.forget(transaction, collection, item);
			const known = open.get(transaction);
			const write = known ?? begin(transaction);
			const id = itemId(collection, item);
			const before = write.touches.get(id);
			const touch = writtenTouch({ collection, item }, ports.clock.stamp(), action, before ? [] : null);
			write.touches.set(id, before ? joinTouches(before, touch) : touch);
			if (!known) await mark(transaction, write.marker);
		},
		noteChanged: (transaction, collection, item, fields) => {
			const write = open.get(transaction);
			const touch = write?.touches.get(itemId(collection, item));
			if (touch) touch.changed = [...(touch.changed ?? []), ...fields];
		},
		noteApplied: (transaction, collection, item) => observer.forget(transaction, collection, item),
		noteUploaded: (item) => {
			void queue.touch([uploadedTouch(item, ports.clock.stamp())], unheard);
		},
		noteSorted: (collection, field) => suspicions.add({ collection, fields: [field], unknown: true }),
		idle: () => queue.idle(),
		settled: async (collection, items) => {
			const ids = new Set(items.map((item) => itemId(collection, item)));
			const writes = [...open.values()].filter((write) => [...ids].some((id) => write.touches.has(id)));
			await Promise.all([...writes.map((write) => write.done), ...observer.open(ids)]);
			await suspicions.settled(collection);
			await queue.idle();
		},
		retry: async () => {
			suspicions.retry();
			await queue.retry();
		},
		owned: () => new Set([...open.values()].map((write) => write.marker)),
		stop: () => observer.stop(),
	};
}

/** A savepoint that was rolled back has created nothing, though the transaction has committed. */
async function withoutUnborn({ items }: CaptureDeps, touches: Touch[]): Promise<Touch[]> {
	const born = new Set<string>();

	for (const [collection, group] of groupByCollection(touches.filter((touch) => touch.created))) {
		const shape = await items.shape(collection);
		const keys = group.map(({ item }) => item);
		const found = shape ? [...(await items.read(shape, keys, [])).keys()] : keys;
		for (const item of found) born.add(itemId(collection, item));
	}

	return touches.filter(({ collection, item, created }) => !created || born.has(itemId(collection, item)));
}

/** Resolves on commit and rejects on rollback of the transaction that decides: a savepoint's says nothing. */
function outermost(transaction: Knex.Transaction): Promise<unknown> {
	const parent = (transaction as unknown as { parentTransaction?: Knex.Transaction }).parentTransaction;
	return parent ? outermost(parent) : transaction.executionPromise;
}
