/**
 * Compares an item with what the feed remembers of it. Only what differs is a change: that is what makes every
 * echo die out, whoever wrote.
 */

import type { CollectionShape, Values } from '../content/port.ts';
import type { ClockPort } from '../directus/port.ts';
import type { FieldWrite } from '../replication/change.ts';
import { stampAfter } from '../replication/clock.ts';
import { seenBy, seenByDeletion } from '../replication/conflict.ts';
import { bury } from '../replication/counted-key.ts';
import { type Digest, digestValue, type Json } from '../replication/digest.ts';
import { CONTENT } from '../replication/file-content.ts';
import { isAlive, observe } from '../replication/life.ts';
import type { ItemState } from '../replication/merge.ts';
import { type FieldStamp, NO_STAMPS } from '../replication/stamps.ts';
import { type Timestamp, UNWRITTEN } from '../replication/timestamp.ts';
import type { FeedRow } from './port.ts';

/**
 * What is remembered of a field that an edit is known to have changed before it had a stamp: no value has that digest, so
 * that whatever is there counts as written by the edit.
 */
export const EDITED_UNSTAMPED: FieldStamp = { at: UNWRITTEN, digest: '' as Digest };

/**
 * The item's state now, with `at` as the stamp of every field that differs from its digest, unless the stamp it has is
 * later.
 * `values` is null when the item does not exist; null is returned when nothing differs.
 * @param baseline the stamp of what a known item has in a field without a stamp, which is listed since lately: nobody knows
 *   when that was written, so it overrules no edit, and what is empty counts as never written. Null: these count as written
 *   as well
 */
export function observeItem(
	known: ItemState,
	shape: CollectionShape,
	values: Values | null,
	fields: Iterable<string>,
	at: Timestamp,
	baseline: Timestamp | null,
): ItemState | null {
	const life = observe(known.life, values !== null);

	if (values === null) {
		const ended = { at, over: seenByDeletion(at, known.stamps) };
		const buried = shape.keyIsCounted ? bury(known.buried, known.born) : known.buried;
		return life === known.life ? null : { life, born: known.born, buried, stamps: NO_STAMPS, ended };
	}

	const stamps: Record<string, FieldStamp> = life === known.life ? { ...known.stamps } : {};
	let differs = life !== known.life;

	for (const field of fields) {
		const digest = digestField(shape, field, values);
		if (digest === null || stamps[field]?.digest === digest) continue;
		differs = true;

		if (baseline !== null && life === known.life && stamps[field] === undefined) {
			stamps[field] = stampListed(values[field] ?? null, digest, baseline);
			continue;
		}

		// What nobody has written is in no conflict.
		const seen = at === UNWRITTEN ? {} : { over: seenBy(at, stamps[field]) };
		stamps[field] = { at: stampAfter(stamps[field]?.at, at), digest, ...seen };
	}

	if (!differs) return null;
	// What is created again is another item, also where nobody has said that it was created.
	const isAnother = life !== known.life && known.buried?.includes(known.born);
	return { life, born: isAnother ? at : known.born, buried: known.buried, stamps };
}

/** Of a field that is listed since the item is known. */
export const stampListed = (value: Json, digest: Digest, baseline: Timestamp): FieldStamp => ({
	at: value === null ? UNWRITTEN : baseline,
	digest,
});

/**
 * The same for a row as it was touched; what differs without a touch was written by now. Where a cascade has touched it
 * (`UNWRITTEN`), that explains its empty references, and nothing else.
 */
export function observeTouched(
	row: FeedRow,
	shape: CollectionShape,
	values: Values | null,
	fields: Iterable<string>,
	{ clock, baseline }: { clock: Pick<ClockPort, 'stamp'>; baseline: Timestamp },
): ItemState | null {
	if (row.touched !== UNWRITTEN) {
		return observeItem(row, shape, values, fields, row.touched ?? clock.stamp(), baseline);
	}
	const emptied = [...fields].filter((field) => shape.references.has(field) && values !== null && !values[field]);
	const state = emptied.length > 0 ? observeItem(row, shape, values, emptied, UNWRITTEN, baseline) : null;
	return observeItem(state ?? row, shape, values, fields, clock.stamp(), baseline) ?? state;
}

/** Null for a field that this collection does not have or does not sync. */
export function digestField(shape: CollectionShape, field: string, values: Values): Digest | null {
	const type = shape.fields.get(field)?.type;
	// What can't be told yet is left as it is known.
	if (field === CONTENT && !isWhole(values, [field])) return null;
	return type === undefined ? null : digestValue(type, values[field] ?? null);
}

/** Whether all of it can be told. The content of a file can't while its bytes are arriving or being hashed: then it is absent. */
export const isWhole = (values: Values, fields: Iterable<string>): boolean =>
	Object.hasOwn(values, CONTENT) || ![...fields].includes(CONTENT);

/** Values larger than that as JSON text are not kept beside the digest of what became of them. */
const MOST_KEPT = 255;

/**
 * The stamp of a write after the value was read back. What this node could not keep exactly (a user it does not know, a
 * number with more digits than its database has) is remembered as it came, so that others are told the origin's value.
 */
export function stampRead(type: string, { at, over, value, email }: FieldWrite, current: Json): FieldStamp {
	const digest = digestValue(type, current);
	const isExact = digestValue(type, value) === digest || JSON.stringify(value).length > MOST_KEPT;
	const sent = { value, ...(email !== undefined && { email }) };
	return { at, digest, over, ...(!isExact && { sent }) };
}

/** Whether the item still is what its stamps say, in the given fields. */
export function matchesStamps(
	known: ItemState,
	shape: CollectionShape,
	values: Values | null,
	fields: string[],
): boolean {
	if (values === null) return !isAlive(known.life);
	if (!isAlive(known.life)) return false;
	return fields.every((field) => known.stamps[field]?.digest === digestField(shape, field, values));
}
