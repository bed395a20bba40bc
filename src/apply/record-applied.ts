/** The end of apply's transaction: what was written is read back, and remembered with its stamps and its path. */

import { groupByCollection } from '../content/group.ts';
import type { CollectionShape, Values } from '../content/port.ts';
import { digestField, stampListed, stampRead } from '../feed/compare.ts';
import { cutPath } from '../link/topology.ts';
import { type Change, itemId } from '../replication/change.ts';
import { CONTENT } from '../replication/file-content.ts';
import { isAlive } from '../replication/life.ts';
import type { Merge } from '../replication/merge.ts';
import { type FieldStamp, NO_STAMPS } from '../replication/stamps.ts';
import { type NodeId, type Timestamp, UNWRITTEN } from '../replication/timestamp.ts';
import type { ApplyContext } from './apply-context.ts';
import type { Decision } from './decide.ts';
import type { ApplyTransaction, RecordedRow } from './port.ts';
import type { Slot } from './slot.ts';

/** Stores the merged stamps with the digests of the values as the database now has them. */
export async function recordAll(
	transaction: ApplyTransaction,
	context: ApplyContext,
	written: { slot: Slot; decision: Decision }[],
): Promise<void> {
	const refs = written.map((each) => ({
		...each,
		collection: each.slot.change.collection,
		item: each.slot.change.item,
	}));
	const rows = new Map<string, RecordedRow>();

	for (const [collection, group] of groupByCollection(refs)) {
		const shape = group[0]?.slot.shape;
		if (!shape) continue;
		const won = group.flatMap(({ decision }) => [...(decision.merge?.winners ?? []), ...decision.nulled]);
		const listed = knownFields(shape, [...context.listed(collection)]);
		const fields = knownFields(shape, [...new Set([...won, ...listed])]);
		const alive = group.filter(({ decision }) => decision.merge && isAlive(decision.merge.life));
		const values = await transaction.read(
			shape,
			alive.map(({ item }) => item),
			fields,
		);

		for (const { item, decision, slot } of group) {
			if (!decision.merge || !decision.state) continue;
			const { life, born, buried, stays } = decision.merge;
			const current = values.get(item) ?? null;
			const told = stampsAfter(shape, slot.sent ?? slot.change, decision, current);
			const untold = stampUntold(shape, listed, told, current, stays ? context.baseline : UNWRITTEN);
			const isOurs = stays && Object.keys(untold).length > 0;
			const isNew = (slot.locked?.row ?? null) === null;
			const path = isOurs ? [] : pathAfter(context, slot, decision.merge, decision.unsettled);
			const ended = stays ? decision.state.ended : slot.change.ended;
			const stamps = { ...told, ...untold };
			rows.set(itemId(collection, item), { collection, item, life, born, buried, stamps, ended, path, isNew });
		}
	}

	if (rows.size > 0) await transaction.record([...rows.values()]);
}

function stampsAfter(
	shape: CollectionShape,
	change: Change,
	{ state: local, merge: merged, nulled }: Decision,
	values: Values | null,
): Readonly<Record<string, FieldStamp>> {
	if (values === null || !local || !merged || !isAlive(merged.life)) return NO_STAMPS;
	const stamps: Record<string, FieldStamp> = merged.stays ? { ...local.stamps } : {};

	for (const field of merged.winners) {
		const write = change.fields[field];
		const type = shape.fields.get(field)?.type;
		if (!write || type === undefined) continue;
		const current = values[field] ?? null;
		// Bytes are told from where they are, and only those.
		stamps[field] = stampRead(type, field === CONTENT ? { ...write, value: current } : write, current);
	}

	for (const field of nulled) {
		const digest = digestField(shape, field, values);
		if (digest !== null) stamps[field] = { at: UNWRITTEN, digest };
	}

	return stamps;
}

/** The fields we list and were not told of: content if the item was here before, else defaults that nobody has written. */
function stampUntold(
	shape: CollectionShape,
	listed: string[],
	told: Readonly<Record<string, FieldStamp>>,
	values: Values | null,
	at: Timestamp,
): Record<string, FieldStamp> {
	const stamps: Record<string, FieldStamp> = {};
	if (values === null) return stamps;

	for (const field of listed) {
		const digest = Object.hasOwn(told, field) ? null : digestField(shape, field, values);
		if (digest !== null) stamps[field] = stampListed(values[field] ?? null, digest, at);
	}

	return stamps;
}

/**
 * Who has the merged state or is being sent it, so that we need not send it: of those who have the incoming one, only
 * those who have our part of it as well, or are being sent that by others. Whom we still owe our part, we owe the merged
 * state: the sender may count on us for that.
 */
function pathAfter(
	{ batch, node, acknowledged, trusts }: ApplyContext,
	{ locked, change }: Slot,
	merged: Merge,
	unsettled: boolean,
): NodeId[] {
	const incoming = cutPath([...batch.path, batch.node].filter((each) => each !== node));
	const row = locked?.row;
	// A life above both is nobody's yet.
	if (merged.localContributes && (!row || unsettled || merged.life !== change.life)) return [];
	if (!row || (row.life < merged.life && !merged.localContributes)) return incoming;
	const seq = row.touched === null && row.seq !== null ? row.seq : Number.POSITIVE_INFINITY;
	const has = (each: NodeId) => row.path.includes(each) || acknowledged(each, change.collection) >= seq;
	return incoming.filter((each) => trusts(each) && has(each));
}

export const knownFields = (shape: CollectionShape, fields: string[]): string[] =>
	fields.filter((field) => shape.fields.has(field));
