/** Whether what is to be sent fits what the remote takes in one request. */

import type { CollectionShape, ItemsPort, Values } from '../content/port.ts';
import type { FieldWrite } from '../replication/change.ts';
import { chunks } from '../replication/paging.ts';
import { UNWRITTEN } from '../replication/timestamp.ts';
import type { Listing } from '../sources/listing.ts';
import { encodeChange } from '../wire/batch.ts';
import { type CheckStep, finding, judge } from './report.ts';

/** Directus' default of MAX_PAYLOAD_SIZE. */
const USUAL = 1024 ** 2;
/** Room for what is around an item, as pack() leaves it. */
const ENVELOPE = 4096;

export type LargestItem = { collection: string; item: string; bytes: number };

/** @param largest of the items looked at; null when there are none */
export function payloadStep(limit: number, largest: LargestItem | null): CheckStep {
	const takes = `The remote takes ${kilobytes(limit)} in one request (its MAX_PAYLOAD_SIZE)`;
	const told = largest === null ? '' : `; the largest item looked at has ${kilobytes(largest.bytes)}`;
	const hint = 'Raise MAX_PAYLOAD_SIZE in the environment of the remote.';

	if (largest !== null && largest.bytes > limit - ENVELOPE) {
		const { collection, item, bytes } = largest;
		const message = `${takes}, but "${collection}" has an item of ${kilobytes(bytes)}: ${item.slice(0, 100)}.`;
		return judge('payload', [finding('error', 'item_too_large', message, hint, { collection })]);
	}
	if (limit < USUAL || (largest !== null && largest.bytes > limit / 2)) {
		const message = `${takes}${told}. Larger items are refused, and smaller batches are slower.`;
		return judge('payload', [finding('warning', 'small_payload', message, hint)]);
	}
	return judge('payload', [], `${takes}${told}.`);
}

const kilobytes = (bytes: number): string =>
	bytes < 1024 ? `${bytes} bytes` : `${Math.round((bytes / 1024) * 10) / 10} KB`;

const ITEMS = 1000;
const AT_MOST = 100;
const AT_ONCE = 20;

/** Looks at some items of each listed collection, never at all: a check must stay cheap. */
export async function findLargest(items: ItemsPort, listing: Listing): Promise<LargestItem | null> {
	const share = Math.min(AT_MOST, Math.ceil(ITEMS / Math.max(1, listing.size)));
	let largest: LargestItem | null = null;

	for (const { collection, fields } of listing.values()) {
		const shape = await items.shape(collection);
		if (!shape) continue;
		const known = fields.filter((field) => shape.fields.has(field));
		const keys = await items.keys(shape, null, share);

		for (const part of chunks(keys, AT_ONCE)) {
			for (const [item, values] of await items.read(shape, part, known)) {
				const bytes = sizeOf(shape, item, values);
				if (largest === null || bytes > largest.bytes) largest = { collection, item, bytes };
			}
		}
	}
	return largest;
}

function sizeOf({ collection, fields }: CollectionShape, item: string, values: Values): number {
	const writes = Object.entries(values).filter(([field]) => fields.has(field));
	const change = {
		collection,
		item,
		life: 1,
		born: null,
		mode: 'upsert' as const,
		fields: Object.fromEntries(
			writes.map(([field, value]): [string, FieldWrite] => [field, { at: UNWRITTEN, value: value ?? null }]),
		),
	};
	return Buffer.byteLength(JSON.stringify(encodeChange(change)));
}
