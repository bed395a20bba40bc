/** Items in memory, read as their vendor gives them back. */
import { FilterFault } from '../../../src/content/filter-fault.ts';
import type { CollectionShape, ItemsPort, Values } from '../../../src/content/port.ts';
import { itemId } from '../../../src/replication/change.ts';
import type { Json } from '../../../src/replication/digest.ts';
import { CONTENT } from '../../../src/replication/file-content.ts';
import type { Database } from './database.ts';
import type { Session } from './session.ts';

export function createMemoryItems(session: Session): ItemsPort {
	return {
		shape: async (collection) => session.store.data.shapes.get(collection) ?? null,
		read: (shape, items, fields) =>
			session.call('items.read', [], (data) =>
				readItems(data, shape, items, fields, (id) => data.items.get(id) ?? null),
			),
		keys: (shape, after, limit) =>
			session.call('items.keys', [], (data) =>
				keysOf(data, shape.collection)
					.sort((a, b) => compareKeys(shape, a, b))
					.filter((key) => after === null || compareKeys(shape, key, after) > 0)
					.slice(0, limit),
			),
		find: (shape, filter, after, limit) =>
			session.call('items.find', [], (data) => {
				refuseUnknown(shape, filter);
				return keysOf(data, shape.collection)
					.filter((key) => after === null || key > after)
					.filter((key) => matches(data, shape.collection, key, filter))
					.slice(0, limit);
			}),
		tryFilter: (shape, filter) => session.call('items.tryFilter', [], () => refuseUnknown(shape, filter)),
		emails: (users) =>
			session.call('items.emails', [], (data) => new Map([...data.users].filter(([id]) => users.includes(id)))),
		matching: (shape, items, filter) =>
			session.call('items.matching', [], (data) => {
				refuseUnknown(shape, filter);
				return new Set(items.filter((item) => matches(data, shape.collection, item, filter)));
			}),
	};
}

/** As Directus does. */
function refuseUnknown({ collection, primaryKey, fields }: CollectionShape, filter: Record<string, unknown>): void {
	const unknown = Object.keys(filter).find((field) => field !== primaryKey && !fields.has(field));
	if (unknown !== undefined) throw new FilterFault(collection, `Invalid filter key "${unknown}" on "${collection}"`);
}

export function keysOf({ items }: Database, collection: string): string[] {
	const prefix = itemId(collection, '');
	return [...items.keys()]
		.filter((id) => id.startsWith(prefix))
		.map((id) => id.slice(prefix.length))
		.sort();
}

const compareKeys = ({ keyType }: CollectionShape, a: string, b: string): number =>
	keyType === 'integer' ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0;

/** @param find where the values are: in the database or in a transaction's view of it */
export function readItems(
	{ vendor }: Database,
	shape: CollectionShape,
	items: string[],
	fields: string[],
	find: (id: string) => Values | null,
): Map<string, Values> {
	const found = new Map<string, Values>();

	for (const item of items) {
		const stored = find(itemId(shape.collection, item));
		if (!stored) continue;
		const values: Record<string, Json> = { [shape.primaryKey]: item };
		for (const field of fields) {
			// Of a file whose bytes are arriving.
			if (field === CONTENT && !Object.hasOwn(stored, CONTENT)) continue;
			values[field] = vendor.read(shape.fields.get(field)?.type ?? 'string', stored[field] ?? null);
		}
		found.set(item, values);
	}

	return found;
}

/** Of Directus' filter rules only `_eq`, `_in` and `_nnull`, of the item's own fields and of what these refer to. */
export function matches(data: Database, collection: string, item: string, filter: Record<string, unknown>): boolean {
	const values = data.items.get(itemId(collection, item));
	const shape = data.shapes.get(collection);
	if (values === undefined) return false;

	return Object.entries(filter).every(([field, rule]) => {
		const value = field === shape?.primaryKey ? item : (values[field] ?? null);
		const to = shape?.references.get(field)?.to ?? null;
		const isOwn = Object.keys(rule as object).every((key) => key.startsWith('_'));
		if (!isOwn) {
			return to !== null && value !== null && matches(data, to, String(value), rule as Record<string, unknown>);
		}
		const { _eq, _in, _nnull } = rule as { _eq?: Json; _in?: Json[]; _nnull?: true };
		return _nnull ? value !== null : _in ? _in.includes(value) : _eq === value;
	});
}
