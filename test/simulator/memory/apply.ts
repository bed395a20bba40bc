/** The receiver's transaction in memory, in the steps of `src/apply/directus/apply-transaction.ts`. */

import { StaleError } from '../../../src/apply/errors.ts';
import type { ApplyPort, ApplyTransaction } from '../../../src/apply/port.ts';
import type { ItemWrite, Ref, Values } from '../../../src/content/port.ts';
import { itemId } from '../../../src/replication/change.ts';
import { Refusal } from '../../../src/wire/refusal.ts';
import type { Database } from './database.ts';
import { refersTo, toRef, touchRow } from './feed.ts';
import { keysOf, readItems } from './items.ts';
import type { Session } from './session.ts';
import { begin, lockKeys, type Transaction } from './transaction.ts';

/** Why a write can't be done at this node, for tests of isolation. */
export type Rule = (write: ItemWrite, data: Database) => Refusal | null;

export function createMemoryApply(session: Session, rules: Rule[] = []): ApplyPort {
	return {
		transaction: async (run) => {
			const transaction = await begin(session);
			try {
				await transaction.hold(['apply']);
				const result = await run(createApplyTransaction(session, transaction, rules));
				await session.step('apply.commit');
				transaction.commit();
				await session.answer('apply.commit');
				return result;
			} catch (error) {
				transaction.rollback();
				throw error;
			}
		},
	};
}

function createApplyTransaction(session: Session, transaction: Transaction, rules: Rule[]): ApplyTransaction {
	const { data } = session.store;

	return {
		shape: async (collection) => data.shapes.get(collection) ?? null,
		read: async (shape, items, fields) => {
			await session.step('apply.read');
			return readItems(data, shape, items, fields, transaction.item);
		},
		lock: async (shape, items, fields) => {
			const keys = items.map((item) => lockKeys({ collection: shape.collection, item }));
			await session.step('apply.lockFeed');
			const known = keys.filter(({ id }) => transaction.feedRow(id) !== null);
			await transaction.hold(known.map(({ feed }) => feed));
			const rows = new Map(known.map(({ id }) => [id, transaction.feedRow(id)]));
			await session.step('apply.lockItems');
			await transaction.hold(keys.filter(({ id }) => transaction.item(id) !== null).map(({ item }) => item));
			await session.step('apply.readLocked');
			const values = readItems(data, shape, items, fields, transaction.item);
			return items.map((item) => ({
				item,
				row: rows.get(itemId(shape.collection, item)) ?? null,
				values: values.get(item) ?? null,
			}));
		},
		may: async () => true,
		existing: async (collection, items) => {
			await session.step('apply.existing');
			return new Set(items.filter((item) => transaction.item(itemId(collection, item)) !== null));
		},
		lastTurn: async (node, source) => {
			await session.step('apply.lastTurn');
			return transaction.turn(`${node} ${source}`);
		},
		recordTurn: async (node, source, turn) => {
			await session.step('apply.recordTurn');
			transaction.putTurn(`${node} ${source}`, turn);
		},
		users: async (ids, emails) => {
			await session.step('apply.users');
			const users = [...data.users];
			return {
				ids: new Set(users.filter(([id]) => ids.includes(id)).map(([id]) => id)),
				byEmail: new Map(users.filter(([, email]) => emails.includes(email)).map(([id, email]) => [email, id])),
			};
		},
		isolated: (run) => transaction.isolated(run),
		write: async (shape, write) => {
			await session.step('apply.write');
			const { id, item } = lockKeys(write);
			await transaction.hold([item]);
			const before = transaction.item(id);
			const refusal = refuse(write, data, before, transaction) ?? rules.map((rule) => rule(write, data)).find(Boolean);
			if (refusal) throw refusal;
			const given = write.kind === 'delete' ? {} : { ...write.values, ...write.keep };
			const values = write.kind === 'delete' ? null : { ...before, ...store(data, shape.fields, given) };
			transaction.putItem(write, values, 'sync');
			if (write.kind === 'delete') await cascade(transaction, data, write);
		},
		noteConflicts: async (conflicts) => {
			for (const conflict of conflicts) transaction.putConflict(conflict);
		},
		referring: async (collection, field, digests) => {
			await session.step('apply.referring');
			return transaction
				.feedRows()
				.filter(refersTo(collection, field, digests))
				.map(toRef);
		},
		touch: async (touches) => {
			await session.step('apply.touch');
			await transaction.hold(touches.map((touch) => lockKeys(touch).feed));
			for (const touch of touches) {
				const { id } = lockKeys(touch);
				const row = transaction.feedRow(id);
				if (!row) continue;
				const feed = new Map([[id, row]]);
				touchRow({ feed, forgotten: data.forgotten }, touch, { onlyKnown: true });
				transaction.putFeedRow(feed.get(id) ?? row);
			}
		},
		record: async (rows) => {
			await session.step('apply.record');
			await transaction.hold(rows.map((row) => lockKeys(row).feed));
			for (const { isNew, ...row } of rows) {
				const before = transaction.feedRow(lockKeys(row).id);
				if (isNew && before) throw new StaleError();
				transaction.putFeedRow({ ...row, seq: null, touched: null, rev: (before?.rev ?? -1) + 1 });
			}
		},
	};
}

export function store({ vendor }: Database, fields: ReadonlyMap<string, { type: string }>, values: Values): Values {
	return Object.fromEntries(
		Object.entries(values).map(([field, value]) => [field, vendor.store(fields.get(field)?.type ?? 'string', value)]),
	);
}

/** What the database does by itself to those that refer to a deleted item. Their rows are held. */
export async function cascade(transaction: Transaction, data: Database, { collection, item }: Ref): Promise<void> {
	for (const { field, onDelete, ...child } of data.foreignKeys) {
		if (child.parent !== collection || onDelete === undefined) continue;
		const refs = keysOf(data, child.collection).map((key) => ({ collection: child.collection, item: key }));

		for (const ref of refs) {
			const keys = lockKeys(ref);
			const values = transaction.item(keys.id);
			if (values?.[field] !== item) continue;
			await transaction.hold([keys.item]);
			transaction.putItem(ref, onDelete === 'CASCADE' ? null : { ...values, [field]: null }, null);
			if (onDelete === 'CASCADE') await cascade(transaction, data, ref);
		}
	}
}

/** What Directus' services and the database say. */
function refuse(write: ItemWrite, data: Database, before: Values | null, transaction: Transaction): Refusal | null {
	const { collection, item, kind } = write;
	if (kind === 'create' && before !== null) return new Refusal('failed', 'not_unique', `${item} exists`);
	if (kind !== 'create' && before === null) return new Refusal('failed', 'forbidden', `${item} does not exist`);

	for (const { field, parent } of data.foreignKeys.filter((each) => each.collection === collection)) {
		const key = write.values?.[field] ?? null;
		if (
			key !== null &&
			!(parent === collection && key === item) &&
			transaction.item(itemId(parent, String(key))) === null
		) {
			return new Refusal('pending', 'missing_parent', `${parent} ${key} is missing`);
		}
	}

	return null;
}
