/** Items that wait for each other in a ring, and so would wait for ever. */

import { groupByCollection } from '../content/group.ts';
import type { ItemsPort } from '../content/port.ts';
import { referencesOf } from '../content/references.ts';
import { itemId } from '../replication/change.ts';
import type { Delivery } from './port.ts';

/**
 * Of the items that wait for a parent, those that are in a ring or between two. A batch that holds the whole ring is no
 * problem for its receiver; this is for rings that no batch holds.
 */
export async function findRings(items: ItemsPort, waiting: Delivery[]): Promise<ReadonlySet<string>> {
	const childless = waiting.filter(({ code }) => code === 'missing_parent');
	const parents = new Map<string, string[]>(childless.map((each) => [itemId(each.collection, each.item), []]));

	for (const [collection, group] of groupByCollection(childless)) {
		const shape = await items.shape(collection);
		if (!shape || shape.references.size === 0) continue;
		const fields = [...shape.references].flatMap(([field, { by }]) => (by === null ? [field] : [field, by]));
		const values = await items.read(
			shape,
			group.map(({ item }) => item),
			[...new Set(fields)].filter((field) => shape.fields.has(field)),
		);

		for (const { item } of group) {
			const referred = referencesOf(shape, values.get(item) ?? {});
			const ids = referred.map((each) => itemId(each.collection, each.item)).filter((id) => parents.has(id));
			parents.set(itemId(collection, item), ids);
		}
	}

	return pruned(parents);
}

/** Takes away whatever waits for none of the rest, or is waited for by none of it, until that is nobody. */
function pruned(parents: Map<string, string[]>): ReadonlySet<string> {
	const left = new Set(parents.keys());

	for (let size = -1; size !== left.size; ) {
		size = left.size;
		const awaited = new Set([...left].flatMap((id) => parents.get(id) ?? []));
		for (const id of left) {
			if (!awaited.has(id) || !(parents.get(id) ?? []).some((parent) => left.has(parent))) left.delete(id);
		}
	}

	return left;
}
