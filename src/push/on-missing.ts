/**
 * Tells the receiver what is to become of references to items that it does not have. What it is going to be sent is worth
 * waiting for, and nothing is said; for all else the entry decides.
 */

import { groupByCollection } from '../content/group.ts';
import type { CollectionShape, ItemsPort } from '../content/port.ts';
import { type Referred, referencesOf } from '../content/references.ts';
import { type Change, itemId, type OnMissing } from '../replication/change.ts';
import type { Listing, ListingEntry } from '../sources/listing.ts';

/** @param ring items that wait for each other, so that none of them could ever be the first */
export async function tellOnMissing(
	items: ItemsPort,
	listing: Listing,
	entry: ListingEntry,
	shape: CollectionShape,
	changes: Change[],
	ring: ReadonlySet<string>,
): Promise<Change[]> {
	if (shape.references.size === 0) return changes;
	const references = new Map(changes.map((change) => [change, referencesOf(shape, valuesOf(change))]));
	const coming = await findComing(items, listing, shape, [...references.values()].flat());

	return changes.map((change) => {
		const told = (references.get(change) ?? []).flatMap((each): [string, OnMissing][] => {
			const id = itemId(each.collection, each.item);
			if (!coming.has(id)) return entry.onMissing === 'wait' ? [] : [[each.field, entry.onMissing]];
			return ring.has(id) && ring.has(itemId(change.collection, change.item)) ? [[each.field, 'defer']] : [];
		});
		return told.length === 0 ? change : { ...change, onMissing: Object.fromEntries(told) };
	});
}

const valuesOf = ({ fields }: Change) =>
	Object.fromEntries(Object.entries(fields).map(([field, { value }]) => [field, value]));

/** Those of the items that the source is sent: listed, there, and let through by their filter. */
async function findComing(
	items: ItemsPort,
	listing: Listing,
	{ references }: CollectionShape,
	referred: Referred[],
): Promise<Set<string>> {
	const coming = new Set<string>();

	for (const [collection, group] of groupByCollection(referred)) {
		const target = listing.get(collection);
		const shape = target?.events.includes('create') ? await items.shape(collection) : null;
		if (!target || !shape) continue;
		const keys = [...new Set(group.map(({ item }) => item))];
		// A foreign key is sure to lead somewhere; a reference to one of many collections is a mere text.
		const isSure = group.every(({ field }) => references.get(field)?.to != null);
		const all = async () => (isSure ? keys : (await items.read(shape, keys, [])).keys());
		const found = target.filter === null ? await all() : await items.matching(shape, keys, target.filter);
		for (const item of found) coming.add(itemId(collection, item));
	}

	return coming;
}
