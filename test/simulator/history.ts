/**
 * What was written, by whom, over what: enough to tell, without looking at any stamp, whether a write was lost. A write
 * may lose to one that was made elsewhere at the same time. It must never lose to one that it has itself replaced.
 */
import type { Values } from '../../src/content/port.ts';
import { itemId } from '../../src/replication/change.ts';
import { canonicalValue } from '../../src/replication/digest.ts';
import { SHAPES, TELLING } from './content.ts';

/** A value that was committed, and the value it replaced at that node; both canonical. */
export type FieldWrite = {
	/** The nodes that it has to be told by: its author, or those who had it when a database was put back. */
	nodes: number[];
	value: string;
	replaced: string | null;
	/** Names the item that it was written to, or says that these are several. */
	origin: string;
};

/** Uncertain are deletions that may have got lost with a database that was put back; nodes are null then as well. */
export type Deletion = { node: number | null; origin: string; order: number; uncertain: boolean };
export type Creation = { node: number; origin: string; order: number };

export type ItemHistory = {
	collection: string;
	item: string;
	/** By field and canonical value. */
	writes: Map<string, Map<string, FieldWrite>>;
	creations: Creation[];
	deletions: Deletion[];
	/** Fields one of whose values was written more than once, so that it does not tell its write. */
	returned: Set<string>;
	/** Origins of items that a database was put back to before it had noted their birth: they are born again, as others. */
	reborn: Set<string>;
};

export type History = {
	/** Notes what a committed transaction has written. */
	commit(node: number, collection: string, item: string, before: Values | null, after: Values | null): void;
	items(): ItemHistory[];
	commits(): number;
};

export function createHistory(): History {
	const items = new Map<string, ItemHistory>();
	let order = 0;

	const itemHistory = (collection: string, item: string): ItemHistory => {
		const id = itemId(collection, item);
		const known = items.get(id) ?? {
			collection,
			item,
			writes: new Map(),
			creations: [],
			deletions: [],
			reborn: new Set(),
			returned: new Set(),
		};
		items.set(id, known);
		return known;
	};

	return {
		items: () => [...items.values()],
		commits: () => order,
		commit: (node, collection, item, before, after) => {
			order += 1;
			const history = itemHistory(collection, item);
			if (after === null) {
				const origin = before === null ? 'a creation that nobody saw' : canonical(collection, 'origin', before);
				history.deletions.push({ node, origin, order, uncertain: false });
				return;
			}
			if (before === null) history.creations.push({ node, origin: canonical(collection, 'origin', after), order });

			for (const field of TELLING) {
				if (!SHAPES.get(collection)?.fields.has(field)) continue;
				const value = canonical(collection, field, after);
				const replaced = before && canonical(collection, field, before);
				if (value === replaced) continue;
				const writes = history.writes.get(field) ?? new Map<string, FieldWrite>();
				if (writes.has(value) && value !== 'null') history.returned.add(field);
				const known = writes.get(value)?.origin;
				const own = canonical(collection, 'origin', after);
				const origin = known === undefined || known === own ? own : 'several';
				writes.set(value, { nodes: [node], value, replaced, origin });
				history.writes.set(field, writes);
			}
		},
	};
}

/** As exactly as the coarsest vendor keeps it: to the second. No two writes of a field differ by less. */
export function canonical(collection: string, field: string, values: Values): string {
	const type = SHAPES.get(collection)?.fields.get(field)?.type ?? 'string';
	const value = values[field] ?? null;
	return canonicalValue(type, type === 'timestamp' && typeof value === 'string' ? `${value.slice(0, 19)}Z` : value);
}

/** Whether `value` is among what the write replaced, directly or through others. */
export function hasReplaced(writes: ReadonlyMap<string, FieldWrite>, write: FieldWrite, value: string): boolean {
	const seen = new Set<string>();
	let replaced = write.replaced;

	while (replaced !== null && !seen.has(replaced)) {
		if (replaced === value) return true;
		seen.add(replaced);
		replaced = writes.get(replaced)?.replaced ?? null;
	}

	return false;
}
