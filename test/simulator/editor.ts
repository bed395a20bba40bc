/** A person who writes in Data Studio: one transaction, with all that Directus and capture do in it. */

import type { Values } from '../../src/content/port.ts';
import type { Touch } from '../../src/feed/port.ts';
import { itemId } from '../../src/replication/change.ts';
import type { Ports } from '../support/memory/ports.ts';
import { type Capture, note } from './capture.ts';
import { valueFor } from './content.ts';
import type { History } from './history.ts';
import { cascade, store } from './memory/apply.ts';
import type { Session } from './memory/session.ts';
import { begin, lockKeys, type Transaction } from './memory/transaction.ts';
import type { Operation } from './plan.ts';

export type EditorContext = {
	/** Number of the node. */
	node: number;
	session: Session;
	ports: Ports;
	capture: Capture;
	history: History;
};

/** Writes, and resolves once the write is touched in the feed; false if it was rolled back. */
export async function write(
	context: EditorContext,
	marker: string,
	operations: Operation[],
	rollback: boolean,
): Promise<boolean> {
	const { session, capture, history, node } = context;
	const transaction = await begin(session);
	const touches = new Map<string, Touch>();
	const before = new Map<string, Values | null>();

	try {
		for (const operation of operations) await run(context, transaction, marker, operation, touches, before);
		await session.step('commit');
	} catch (error) {
		transaction.rollback();
		capture.rolledBack(marker);
		throw error;
	}

	if (rollback) {
		transaction.rollback();
		capture.rolledBack(marker);
		return false;
	}

	for (const { collection, item } of touches.values()) {
		const id = itemId(collection, item);
		history.commit(node, collection, item, before.get(id) ?? null, transaction.item(id));
	}
	transaction.commit();
	await capture.committed(marker);
	return true;
}

async function run(
	{ session, ports, capture }: EditorContext,
	transaction: Transaction,
	marker: string,
	operation: Operation,
	touches: Map<string, Touch>,
	before: Map<string, Values | null>,
): Promise<void> {
	const { collection, item } = operation;
	const { id, item: lock } = lockKeys(operation);
	await session.step('write');
	await transaction.hold([lock]);
	const current = transaction.item(id);
	const next = valuesAfter(session, transaction, operation, current);
	if (next === current) return;

	if (!before.has(id)) before.set(id, current);
	transaction.putItem(operation, next, 'editor');
	const cascades = next === null && session.store.data.foreignKeys.some(({ onDelete }) => onDelete !== undefined);
	if (cascades) await cascade(transaction, session.store.data, operation);
	if (touches.size === 0) {
		transaction.putMarker(marker, ports.clock.now());
		capture.open(marker, touches);
	}
	const changed = next === null ? [] : Object.keys(next).filter((field) => next[field] !== current?.[field]);
	const touch = { collection, item, at: ports.clock.stamp(), created: current === null, changed };
	note(touches, { ...touch, ...(cascades && { deleted: true }) });
}

/** What the item is after the operation; the same object where there is nothing to do. */
function valuesAfter(
	{ store: { data } }: Session,
	transaction: Transaction,
	operation: Operation,
	current: Values | null,
): Values | null {
	const { collection } = operation;
	const isParent = data.foreignKeys.some(({ parent, onDelete }) => parent === collection && onDelete === undefined);
	if (operation.kind === 'delete') return isParent ? current : null;

	const { write, changed, article, sparse } = operation;
	const shape = data.shapes.get(collection);
	if (!shape) return current;
	const isWhole = current === null && !sparse;
	const written = [...shape.fields].filter(
		([field]) => isWhole || changed.includes(field) || (current === null && field === 'origin'),
	);
	const parent = article !== null && transaction.item(itemId('articles', article)) !== null ? article : null;
	const values = written.map(([field, { type }]) => [field, field === 'article' ? parent : valueFor(type, write)]);
	return { ...current, ...store(data, shape.fields, Object.fromEntries(values)) };
}
