/** The receiver's transaction on Directus: locks, reads, writes as the Data Sync user, and records in the feed. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Accountability, ApiExtensionContext, SchemaOverview } from '@directus/types';
import { partition } from 'es-toolkit';
import type { Knex } from 'knex';
import { isWrittenUntouched } from '../../capture/directus/markers.ts';
import { findUsers } from '../../content/directus/find-users.ts';
import { keyColumn, readItems } from '../../content/directus/items.ts';
import { may } from '../../content/directus/may.ts';
import { singletonKey } from '../../content/directus/singleton-rows.ts';
import { toReadRefusal, toRefusal } from '../../content/directus/to-refusal.ts';
import { type Key, toKey, toShape } from '../../content/directus/to-shape.ts';
import { writeFile } from '../../content/directus/write-file.ts';
import { writeItem } from '../../content/directus/write-item.ts';
import { keyText } from '../../content/key-text.ts';
import type { CollectionShape, ItemAction } from '../../content/port.ts';
import { SINGLETON } from '../../content/singleton.ts';
import { databaseFault, dialectOf } from '../../directus/dialects/index.ts';
import { type EmitLater, runEmittingAfterCommit } from '../../directus/emitting-transaction.ts';
import type { FileSettings } from '../../directus/environment.ts';
import { lockForTransaction } from '../../directus/leases.ts';
import { TABLES } from '../../directus/tables.ts';
import { selectReferring } from '../../feed/directus/referring.ts';
import { fromRow, toRow } from '../../feed/directus/row.ts';
import { selectRows } from '../../feed/directus/select-rows.ts';
import { inKeyOrder, touchItems } from '../../feed/directus/touch-items.ts';
import { existing, proposed } from '../../feed/directus/upsert.ts';
import { readLastTurn, writeLastTurn } from '../../link/directus/last-turns.ts';
import { FILES } from '../../replication/file-content.ts';
import { chunks } from '../../replication/paging.ts';
import { Refusal } from '../../wire/refusal.ts';
import { StaleError } from '../errors.ts';
import type { ApplyPort, ApplyTransaction, RecordedRow } from '../port.ts';
import { noteConflicts } from './note-conflicts.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database' | 'logger'>;

/** Milliseconds. */
const STALE_PAUSE = 50;
/** For how long a transaction waits for another's lock, an editor's or another process', in milliseconds. */
const LONGEST_LOCK_WAIT = 10_000;
/** The name of the lease that transactions of all processes take. */
const APPLY = 'apply';
const MERGED = ['seq', 'touched', 'life', 'born', 'stamps', 'path'];

export type OnApplied = (transaction: Knex, collection: string, item: string) => void;

/**
 * @param accountability of the request: the Data Sync user's, whose rights decide what may be written
 * @param onApplied is told of each item that is written, which need not be compared afterwards
 */
export function createApply(
	context: Context,
	accountability: Accountability,
	files: FileSettings,
	onApplied: OnApplied = () => undefined,
): ApplyPort {
	return {
		transaction: async (run) => {
			const schema = await context.getSchema();
			const work = async (trx: Knex.Transaction, emitLater: EmitLater) => {
				await dialectOf(trx).limitLockWaits?.(trx, LONGEST_LOCK_WAIT);
				// Of an item that is new here there is nothing else to lock, and two batches must not both take it for new.
				await lockForTransaction(trx, APPLY);
				return run(createApplyTransaction(context, files, schema, accountability, trx, { emitLater, onApplied }));
			};

			try {
				return await runEmittingAfterCommit(context, schema, accountability, TABLES.deliveries, work);
			} catch (error) {
				// What got in between is about to be touched; on SQLite that needs the connection which we have had.
				if (error instanceof StaleError) await pause(STALE_PAUSE);
				throw error;
			}
		},
	};
}

function createApplyTransaction(
	{ services, database, logger }: Context,
	files: FileSettings,
	schema: SchemaOverview,
	accountability: Accountability,
	transaction: Knex.Transaction,
	{ emitLater, onApplied }: { emitLater: EmitLater; onApplied: OnApplied },
): ApplyTransaction {
	let knex = transaction;
	/** In the collection, as nearly always that is asked for many items. */
	const allowed = new Map<string, boolean>();
	const mayInCollection = async (shape: CollectionShape, action: ItemAction): Promise<boolean> => {
		const name = `${shape.collection} ${action}`;
		const known = allowed.get(name) ?? (await may({ services, schema, knex, accountability }, shape, action, null));
		allowed.set(name, known);
		return known;
	};

	return {
		shape: async (collection) => toShape(schema, collection),
		read: (shape, items, fields) => readItems({ services }, schema, knex, shape, items, fields),
		lock: async (shape, items, fields) => {
			const refs = inKeyOrder(items.map((item) => ({ collection: shape.collection, item })));
			const rows = new Map((await selectRows(knex, refs, { lock: true })).map((row) => [row.item, fromRow(row)]));
			await refusing(shape.collection, items, lockItems(knex, shape, items));
			const values = await readItems({ services }, schema, knex, shape, items, fields);
			// With a row, an edit shows by its digests. Without one, the activity log alone can tell of it.
			const unknown = items.filter((item) => !rows.has(item));
			const names = shape.isSingleton && unknown.length > 0 ? null : unknown;
			const exists = (item: string) => values.has(keyText(shape, item));
			if (await isWrittenUntouched(knex, shape.collection, names, exists)) throw new StaleError();
			return items.map((item) => ({ item, row: rows.get(item) ?? null, values: values.get(item) ?? null }));
		},
		may: async (shape, actions, item) => {
			for (const action of actions) {
				if (!(await mayInCollection(shape, action))) continue;
				if (item === null || action === 'create') return true;
				const [key = null] = await keysOf(knex, shape, [item]);
				if (await may({ services, schema, knex, accountability }, shape, action, key)) return true;
			}
			return false;
		},
		existing: (collection, items) => refusing(collection, items, existingItems(knex, schema, collection, items)),
		lastTurn: (node, source) => readLastTurn(knex, node, source),
		recordTurn: (node, source, turn) => writeLastTurn(knex, node, source, turn),
		isolated: (run) =>
			knex.transaction(async (savepoint) => {
				const outer = knex;
				knex = savepoint;
				return run().finally(() => {
					knex = outer;
				});
			}),
		users: (ids, emails) => findUsers(knex, ids, emails),
		write: async (shape, write) => {
			const context = { services, schema, knex, database, accountability, emitLater, files };
			const isFile = shape.collection === FILES;
			await (isFile ? writeFile(context, shape, write) : writeItem(context, shape, write)).catch((error: unknown) => {
				const refusal = isFile ? toRefusal(error, write) : error;
				if (refusal instanceof Refusal && refusal.cause) logger.warn(refusal.cause, `Data Sync: ${refusal.message}`);
				throw refusal;
			});
			if (isFile) onApplied(knex, shape.collection, write.item);
		},
		record: (rows) => recordRows(knex, rows),
		noteConflicts: (conflicts) => noteConflicts(knex, conflicts, Date.now()),
		referring: (collection, field, digests) => selectReferring(knex, collection, field, digests),
		touch: (touches) => touchItems(knex, touches, { onlyKnown: true }),
	};
}

/** Rejects with a Refusal where the database can't be asked for such keys. */
const refusing = <T>(collection: string, items: string[], asked: Promise<T>): Promise<T> =>
	asked.catch((error: unknown) => {
		throw toReadRefusal(error, { collection, item: items[0] ?? '' });
	});

/** Whatever the Data Sync user may read of them: only that they are there is asked. */
async function existingItems(
	knex: Knex,
	schema: SchemaOverview,
	collection: string,
	items: string[],
): Promise<Set<string>> {
	const shape = toShape(schema, collection);
	if (!shape) return new Set();
	const keys = await keysOf(knex, shape, items);
	if (shape.isSingleton) return new Set(keys.length > 0 ? [SINGLETON] : []);
	const found = new Set<string>();

	for (const part of chunks(keys)) {
		const rows = await knex(collection).select(keyColumn(knex, shape)).whereIn(shape.primaryKey, part);
		for (const row of rows) found.add(String(row[shape.primaryKey]));
	}

	return found;
}

async function keysOf(knex: Knex, shape: CollectionShape, items: string[]): Promise<Key[]> {
	const named = shape.isSingleton && items.includes(SINGLETON);
	const keys = named ? [await singletonKey(knex, shape)] : items.map((item) => toKey(shape, item));
	return keys.filter((key) => key !== null);
}

/** Holds back other writers of the items until we commit, on databases that lock rows. */
async function lockItems(knex: Knex, shape: CollectionShape, items: string[]): Promise<void> {
	const keys = await keysOf(knex, shape, items);

	for (const part of chunks(keys)) {
		await knex(shape.collection)
			.select(shape.primaryKey)
			.whereIn(shape.primaryKey, part)
			.orderBy(shape.primaryKey)
			.forUpdate();
	}
}

/** Without a seq: the rows are numbered by settle, after the commit. Rejects with a StaleError, see ApplyTransaction. */
async function recordRows(knex: Knex, rows: RecordedRow[]): Promise<void> {
	const records = (part: RecordedRow[]) =>
		inKeyOrder(part).map((row) => toRow({ ...row, seq: null, touched: null, rev: 0 }));
	const [added = [], changed = []] = partition(rows, (row) => row.isNew).map(records);

	for (const part of chunks(added)) {
		await knex(TABLES.changes)
			.insert(part)
			.catch((error: unknown) => {
				throw databaseFault(error) === 'not_unique' ? new StaleError() : error;
			});
	}

	for (const part of chunks(changed)) {
		const taken = Object.fromEntries(MERGED.map((column) => [column, knex.raw(proposed(knex, column))]));
		await knex(TABLES.changes)
			.insert(part)
			.onConflict(['collection', 'item'])
			.merge({ ...taken, rev: knex.raw(`${existing(knex, 'rev')} + 1`) });
	}
}
