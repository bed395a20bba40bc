/** Which of the items that a batch refers to are there, before it and while it is applied. */

import { groupByCollection } from '../content/group.ts';
import type { ItemWrite, Ref } from '../content/port.ts';
import { type Referred, referencesOf } from '../content/references.ts';
import { isSyncableCollection } from '../content/syncable.ts';
import { itemId } from '../replication/change.ts';
import { isAlive } from '../replication/life.ts';
import { told } from './apply-order.ts';
import { byHalves } from './by-halves.ts';
import type { ApplyTransaction } from './port.ts';
import type { Slot } from './slot.ts';

export type Presence = {
	/** Also where that is not to be told. */
	has(ref: Ref): boolean;
	/** The sender may not know whether it is there. */
	isUntold(ref: Ref): boolean;
	/** Something was written. */
	note(slot: Slot, write: ItemWrite): void;
};

export async function createPresence(
	transaction: ApplyTransaction,
	slots: Slot[],
	isolate: boolean,
): Promise<Presence> {
	const present = new Set<string>();
	const untold = new Set<string>();
	const asked = new Map<string, Referred>();
	for (const slot of slots) if (slot.locked?.values) present.add(key(slot.change.collection, slot.change.item));

	for (const slot of slots) {
		if (!slot.shape || !isAlive(slot.change.life)) continue;
		for (const reference of referencesOf(slot.shape, { ...slot.locked?.values, ...told(slot) })) {
			const id = key(reference.collection, reference.item);
			if (!present.has(id) && !asked.get(id)?.constrained) asked.set(id, reference);
		}
	}

	for (const [collection, refs] of groupByCollection([...asked.values()])) {
		const mayAsk = await isTold(transaction, collection);
		const items = refs
			.filter((each) => isSyncableCollection(collection) && (each.constrained || mayAsk))
			.map(({ item }) => item);
		// Of the others the sender learns nothing but what the database says to the write.
		for (const { item } of refs) if (!items.includes(item)) untold.add(key(collection, item));
		// What the database can't even be asked for is not there.
		if (items.length > 0)
			await byHalves(transaction, isolate, items, async (part) => {
				for (const item of await transaction.existing(collection, part)) present.add(key(collection, item));
			});
	}

	return {
		has: ({ collection, item }) => present.has(key(collection, item)) || untold.has(key(collection, item)),
		isUntold: ({ collection, item }) => untold.has(key(collection, item)),
		note: ({ change: { collection, item } }, { kind }) => {
			if (kind === 'delete') present.delete(key(collection, item));
			else present.add(key(collection, item));
		},
	};
}

/** Whether the sender may know which items of a collection are there: one that has a permission in it. */
async function isTold(transaction: ApplyTransaction, collection: string): Promise<boolean> {
	const shape = isSyncableCollection(collection) ? await transaction.shape(collection) : null;
	return shape !== null && transaction.may(shape, ['update', 'delete', 'create'], null);
}

/** Databases write UUIDs in either case. */
const key = (collection: string, item: string): string =>
	itemId(collection, UUID.test(item) ? item.toLowerCase() : item);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
