/** Decides what one incoming change means for one item: what to write, what to remember, what to answer. */

import type { CollectionShape, ItemWrite, Values } from '../content/port.ts';
import { isNestedItem } from '../content/references.ts';
import { isNameIn, nameOf } from '../content/singleton.ts';
import { isSyncableCollection } from '../content/syncable.ts';
import type { ClockPort } from '../directus/port.ts';
import { observeItem, observeTouched } from '../feed/compare.ts';
import type { Change, FieldWrite } from '../replication/change.ts';
import { type Conflict, conflictsWith } from '../replication/conflict.ts';
import { isKeyConflict, mergeCounted } from '../replication/counted-key.ts';
import { digestValue, type Json } from '../replication/digest.ts';
import { isAlive, isBelievable, UNBORN } from '../replication/life.ts';
import { type Incoming, type ItemState, isMoved, type Merge, merge } from '../replication/merge.ts';
import { NO_STAMPS } from '../replication/stamps.ts';
import type { NodeId, Timestamp } from '../replication/timestamp.ts';
import type { ChangeResult } from '../wire/result.ts';
import type { LockedItem } from './port.ts';
import type { Slot } from './slot.ts';

export type Decision = {
	result: ChangeResult;
	write: ItemWrite | null;
	/** Whether the feed row changes. */
	record: boolean;
	/** The local state, edits included that are not settled yet; null when the change was not looked at. */
	state: ItemState | null;
	/** It does include such edits, so nobody else has it. */
	unsettled: boolean;
	merge: Merge | null;
	/** Writes of ours and of others that did not know of each other. */
	conflicts: Conflict[];
	/** Fields that are emptied, because what they refer to is not there. */
	nulled: string[];
};

/** What deciding needs to know of this node; see ApplyContext. */
export type DecideContext = {
	clock: ClockPort;
	node: NodeId;
	baseline: Timestamp;
	listed: (collection: string) => ReadonlySet<string>;
};

/** How many unknown fields a message names. */
const MOST_NAMED = 10;

export function decide(context: DecideContext, slot: Slot): Decision {
	const { change, shape, locked } = slot;
	const refused = slot.refused ?? refuse(change, shape) ?? disbelieve(change, locked) ?? refuseNested(slot);
	if (refused || !shape) return answer(refused ?? { outcome: 'failed', code: 'unknown_collection' });

	const values = locked?.values ?? null;
	const exists = values !== null;
	if (change.mode === 'probe') return answer({ outcome: exists ? 'wanted' : 'skipped' });
	if (change.mode === 'update' && !exists) return answer({ outcome: 'skipped' });
	if (change.mode === 'create' && exists) return answer({ outcome: 'skipped' });

	const fields = pick(change.fields, (field) => shape.fields.has(field));
	const unknown = Object.keys(change.fields).filter((field) => !Object.hasOwn(fields, field));
	const { state, unsettled } = localState(context, shape, locked, Object.keys(fields));
	const incoming = { life: change.life, born: change.born, buried: change.buried, fields };
	if (shape.keyIsCounted && isKeyConflict(state, incoming)) return answer(keyConflict(change));

	const merged = (shape.keyIsCounted ? mergeCounted : merge)(state, incoming);
	const write = toWrite(change, shape, merged, values, fields);
	const moved = isMoved(state, merged);
	const outcome = moved ? 'applied' : merged.superseded.length > 0 ? 'superseded' : 'unchanged';
	return {
		result: {
			outcome,
			...(merged.superseded.length > 0 && { superseded: merged.superseded.length }),
			...(unknown.length > 0 && unknownFields(change, unknown)),
		},
		write,
		record: moved || unsettled,
		state,
		unsettled,
		merge: merged,
		conflicts: concurrent(context, shape, state, { ...incoming, ended: change.ended }),
		nulled: [],
	};
}

function concurrent(
	{ node }: DecideContext,
	shape: CollectionShape,
	state: ItemState,
	incoming: Incoming & Pick<Change, 'fields' | 'ended'>,
): Conflict[] {
	// Two items have nothing to do with each other; one is the same with whatever life it has outlived another.
	if (shape.keyIsCounted && state.born !== incoming.born) return [];
	const isOne = shape.keyIsCounted && isAlive(state.life) && isAlive(incoming.life);
	const theirs = isOne ? { ...incoming, life: state.life } : incoming;
	return conflictsWith(node, state, theirs, (field, { value }) => {
		const known = shape.fields.get(field);
		// Who changed the item last, and when, differs whenever two have changed it: by itself that is no conflict.
		if (!known || known.setOn) return known !== undefined;
		return state.stamps[field]?.digest === digestValue(known.type, value);
	});
}

/** Our state, with values that differ from their digests taken as edits that just have not been settled. */
function localState(
	{ clock, baseline, listed }: DecideContext,
	shape: CollectionShape,
	locked: LockedItem | null,
	told: string[],
): { state: ItemState; unsettled: boolean } {
	const row = locked?.row ?? null;
	const values = locked?.values ?? null;
	const fields = [...new Set([...told, ...listed(shape.collection)])];

	if (!row || row.life === UNBORN) {
		// Never settled here. Values without a stamp give way; a touch in waiting gives them its stamp.
		const unstamped: ItemState = { life: values === null ? UNBORN : 1, born: row?.born ?? null, stamps: NO_STAMPS };
		if (!row?.touched) return { state: unstamped, unsettled: false };
		const touched = observeItem(values === null ? row : unstamped, shape, values, fields, row.touched, null);
		return { state: touched ?? unstamped, unsettled: touched !== null };
	}

	const stamped = fields.filter((field) => row.touched !== null || row.stamps[field] !== undefined);
	const observed = observeTouched(row, shape, values, stamped, { clock, baseline });
	return { state: observed ?? row, unsettled: observed !== null };
}

function toWrite(
	{ collection, item }: Change,
	shape: CollectionShape,
	merged: Merge,
	values: Values | null,
	fields: Readonly<Record<string, FieldWrite>>,
): ItemWrite | null {
	if (!isAlive(merged.life)) return values === null ? null : { collection, item, kind: 'delete' };
	const winning: Record<string, Json> = {};
	for (const field of merged.winners) winning[field] = fields[field]?.value ?? null;
	if (values === null) return { collection, item, kind: 'create', values: winning };
	if (merged.winners.length === 0) return null;
	return { collection, item, kind: 'update', values: winning, keep: toKeep(shape, values, winning) };
}

/** Who changed an item last and when is content like the rest where it is shared: our write is not to touch it. */
function toKeep(shape: CollectionShape, values: Values, winning: Values): Values {
	return pick(automatic(shape, values), (field) => !Object.hasOwn(winning, field));
}

/** Those of the values that Directus would set by itself on an update. */
export const automatic = (shape: CollectionShape | null, values: Values): Values =>
	pick(values, (field) => shape?.fields.get(field)?.setOn?.kind === 'update');

function refuse({ collection, item }: Change, shape: CollectionShape | null): ChangeResult | null {
	if (!isSyncableCollection(collection)) {
		const message = `${collection} is a system collection and is never synced. Take it out of the source's schema.`;
		return { outcome: 'failed', code: 'system_collection', message };
	}

	if (shape !== null) {
		if (isNameIn(shape, item)) return null;
		const where = shape.isSingleton ? 'there' : 'on the sender';
		const message = `"${collection}" is a single object ${where} only. Treat it as a single object on both instances, or on none; then resync.`;
		return { outcome: 'failed', code: 'invalid_value', message };
	}

	const message = `There is no collection "${collection}" here. Create it on the remote, or take it out of the source's schema; then resync.`;
	return { outcome: 'failed', code: 'unknown_collection', message };
}

function refuseNested({ change, sent, shape }: Slot): ChangeResult | null {
	const nested = Object.entries((sent ?? change).fields).find(
		([field, { value }]) => shape?.references.has(field) && isNestedItem(value),
	);
	if (!nested) return null;
	const message = `${nameOf(change)} refers by "${nested[0]}" to an item by an object, not by its key, which the remote does not take.`;
	return { outcome: 'failed', code: 'invalid_value', message };
}

function disbelieve({ collection, item, life }: Change, locked: LockedItem | null): ChangeResult | null {
	if (isBelievable(life, locked?.row?.life ?? UNBORN)) return null;
	const message = `${nameOf({ collection, item })} is said to have been deleted and created again ${Math.floor(life / 2)} times, which can't be. Nothing was written. If an instance tells that by mistake, create the item again under another key.`;
	return { outcome: 'failed', code: 'invalid_value', message };
}

function unknownFields({ collection }: Change, unknown: string[]): Pick<ChangeResult, 'code' | 'message'> {
	const named = unknown.slice(0, MOST_NAMED).map((field) => `"${field}"`);
	const more = unknown.length - named.length;
	const names = [...named, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
	return {
		code: 'unknown_field',
		message: `"${collection}" has no field ${names} on the remote; the other fields were applied. Create it there, or take it out of the source's schema; then resync.`,
	};
}

function keyConflict({ collection, item }: Change): ChangeResult {
	const message = `Another item already has the key ${item} in "${collection}" there: both instances counted up to it. Nothing was overwritten. Delete one of the two, and create it again under another key if it is needed: the other one then takes its place, at once where both instances send to each other, else with the next attempt. To avoid this, use UUID keys.`;
	return { outcome: 'failed', code: 'key_conflict', message };
}

const answer = (result: ChangeResult): Decision => ({
	result,
	write: null,
	record: false,
	state: null,
	unsettled: false,
	merge: null,
	conflicts: [],
	nulled: [],
});

function pick<T>(record: Readonly<Record<string, T>>, keep: (key: string) => boolean): Record<string, T> {
	return Object.fromEntries(Object.entries(record).filter(([key]) => keep(key)));
}
