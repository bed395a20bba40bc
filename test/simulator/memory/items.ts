/** Items in memory, read as their vendor gives them back. */
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
		find: ({ collection }, filter, after, limit) =>
			session.call('items.find', [], (data) =>
				keysOf(data, collection)
					.filter((key) => after === null || key > after)
					.filter((key) => matches(data.items.get(itemId(collection, key)), filter))
					.slice(0, limit),
			),
		emails: (users) =>
			session.call('items.emails', [], (data) => new Map([...data.users].filter(([id]) => users.includes(id)))),
		matching: ({ collection }, items, filter) =>
			session.call(
				'items.matching',
				[],
				(data) => new Set(items.filter((item) => matches(data.items.get(itemId(collection, item)), filter))),
			),
	};
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

/** Of Directus' filter rules only `{ field: { _eq: value } }` and `{ field: { _in: values } }`. */
function matches(values: Values | undefined, filter: Record<string, unknown>): boolean {
	const isMatch = ([field, rule]: [string, unknown]): boolean => {
		const value = values?.[field] ?? null;
		const { _eq, _in } = rule as { _eq?: Json; _in?: Json[] };
		return _in ? _in.includes(value) : _eq === value;
	};
	return values !== undefined && Object.entries(filter).every(isMatch);
}
