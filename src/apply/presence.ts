/** Which of the items that a batch refers to are there, before it and while it is applied. */

import { groupByCollection } from '../content/group.ts';
import type { ItemWrite, Ref } from '../content/port.ts';
import { referencesOf } from '../content/references.ts';
import { itemId } from '../replication/change.ts';
import { isAlive } from '../replication/life.ts';
import { told } from './apply-order.ts';
import { byHalves } from './by-halves.ts';
import type { ApplyTransaction } from './port.ts';
import type { Slot } from './slot.ts';

export type Presence = {
	has(ref: Ref): boolean;
	/** Something was written. */
	note(slot: Slot, write: ItemWrite): void;
};

export async function createPresence(
	transaction: ApplyTransaction,
	slots: Slot[],
	isolate: boolean,
): Promise<Presence> {
	const present = new Set<string>();
	const asked = new Map<string, Ref>();
	for (const slot of slots) if (slot.locked?.values) present.add(key(slot.change.collection, slot.change.item));

	for (const slot of slots) {
		if (!slot.shape || !isAlive(slot.change.life)) continue;
		for (const { collection, item } of referencesOf(slot.shape, { ...slot.locked?.values, ...told(slot) })) {
			if (!present.has(key(collection, item))) asked.set(key(collection, item), { collection, item });
		}
	}

	for (const [collection, refs] of groupByCollection([...asked.values()])) {
		const items = refs.map(({ item }) => item);
		// What the database can't even be asked for is not there.
		await byHalves(transaction, isolate, items, async (part) => {
			for (const item of await transaction.existing(collection, part)) present.add(key(collection, item));
		});
	}

	return {
		has: ({ collection, item }) => present.has(key(collection, item)),
		note: ({ change: { collection, item } }, { kind }) => {
			if (kind === 'delete') present.delete(key(collection, item));
			else present.add(key(collection, item));
		},
	};
}

/** Databases write UUIDs in either case. */
const key = (collection: string, item: string): string =>
	itemId(collection, UUID.test(item) ? item.toLowerCase() : item);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
