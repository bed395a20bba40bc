/** The inside of apply's transaction: lock, merge, write, read back, record. */
import type { Batch } from '../replication/batch.ts';
import { type Change, itemId } from '../replication/change.ts';
import { isAlive } from '../replication/life.ts';
import type { ItemState, Merge } from '../replication/merge.ts';
import type { ChangeResult } from '../replication/result.ts';
import { type FieldStamp, NO_STAMPS } from '../replication/stamps.ts';
import { type NodeId, type Timestamp, UNWRITTEN } from '../replication/timestamp.ts';
import { digestField } from './compare.ts';
import { type Decision, decide } from './decide.ts';
import { Refusal } from './errors.ts';
import { groupByCollection } from './group.ts';
import type {
	ApplyTransaction,
	ClockPort,
	CollectionShape,
	LockedItem,
	NotedConflict,
	RecordedRow,
	Values,
} from './ports.ts';

export type ApplyContext = {
	clock: ClockPort;
	node: NodeId;
	/** The stamp of what was there before Data Sync was. */
	baseline: Timestamp;
	/** The fields of a collection that this node tells anybody. */
	listed: (collection: string) => ReadonlySet<string>;
	batch: Batch;
	acknowledged: ReadonlyMap<NodeId, number>;
	/** The source that conflicts with the sender count for; null when it is no remote of ours. */
	sourceFor: (collection: string) => string | null;
};

type Slot = { change: Change; shape: CollectionShape | null; locked: LockedItem | null };

/**
 * Applies the changes one after the other. With `isolate` each has a savepoint, and those that fail over a missing
 * parent are tried again after the others.
 */
export async function applyInOrder(
	transaction: ApplyTransaction,
	context: ApplyContext,
	isolate: boolean,
): Promise<ChangeResult[]> {
	const slots = await lockAll(transaction, context);
	const results = new Map<Slot, ChangeResult>();
	const written: { slot: Slot; decision: Decision }[] = [];
	const conflicts: NotedConflict[] = [];
	let open = slots;

	for (let progress = true; progress && open.length > 0; ) {
		progress = false;
		const retry: Slot[] = [];

		for (const slot of open) {
			const decision = decide(context, slot);
			const refusal = decision.write ? await tryWrite(transaction, slot, decision, isolate) : null;

			if (refusal) {
				results.set(slot, { outcome: refusal.outcome, code: refusal.code, message: refusal.message });
				if (refusal.outcome === 'pending') retry.push(slot);
				continue;
			}

			results.set(slot, decision.result);
			if (decision.record) written.push({ slot, decision });
			const { collection, item } = slot.change;
			const source = context.sourceFor(collection);
			conflicts.push(...decision.conflicts.map((conflict) => ({ ...conflict, collection, item, source })));
			progress = true;
		}

		open = retry;
	}

	await recordAll(transaction, context, written);
	if (conflicts.length > 0) await transaction.noteConflicts(conflicts);
	return slots.map((slot) => results.get(slot) ?? { outcome: 'failed', code: 'internal' });
}

async function lockAll(transaction: ApplyTransaction, { batch: { changes }, listed }: ApplyContext): Promise<Slot[]> {
	const slots = new Map<Change, Slot>();

	for (const [collection, group] of groupByCollection(changes)) {
		const shape = await transaction.shape(collection);
		const told = group.flatMap((change) => Object.keys(change.fields));
		const fields = shape && [...new Set([...told, ...listed(collection)])];
		const locked =
			shape && fields
				? await transaction.lock(
						shape,
						group.map((change) => change.item),
						knownFields(shape, fields),
					)
				: [];
		const byItem = new Map(locked.map((each) => [each.item, each]));
		for (const change of group) slots.set(change, { change, shape, locked: byItem.get(change.item) ?? null });
	}

	return changes.flatMap((change) => slots.get(change) ?? []);
}

async function tryWrite(
	transaction: ApplyTransaction,
	{ shape }: Slot,
	{ write }: Decision,
	isolate: boolean,
): Promise<Refusal | null> {
	if (!shape || !write) return null;
	if (!isolate) return transaction.write(shape, write).then(() => null);

	try {
		await transaction.isolated(() => transaction.write(shape, write));
		return null;
	} catch (error) {
		if (error instanceof Refusal) return error;
		throw error;
	}
}

/** Stores the merged stamps with the digests of the values as the database now has them. */
async function recordAll(
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
		const won = group.flatMap(({ decision }) => decision.merge?.winners ?? []);
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
			const { life, born } = decision.merge;
			const current = values.get(item) ?? null;
			const told = stampsAfter(shape, slot.change, decision.state, decision.merge, current);
			const wasHere = life === decision.state.life;
			const untold = stampUntold(shape, listed, told, current, wasHere ? context.baseline : UNWRITTEN);
			const isOurs = wasHere && Object.keys(untold).length > 0;
			const isNew = (slot.locked?.row ?? null) === null;
			const path = isOurs ? [] : pathAfter(context, slot, decision.merge, decision.unsettled);
			const ended = wasHere ? decision.state.ended : slot.change.ended;
			const stamps = { ...told, ...untold };
			rows.set(itemId(collection, item), { collection, item, life, born, stamps, ended, path, isNew });
		}
	}

	if (rows.size > 0) await transaction.record([...rows.values()]);
}

function stampsAfter(
	shape: CollectionShape,
	change: Change,
	local: ItemState,
	merged: Merge,
	values: Values | null,
): Readonly<Record<string, FieldStamp>> {
	if (values === null || !isAlive(merged.life)) return NO_STAMPS;
	const stamps: Record<string, FieldStamp> = merged.life === local.life ? { ...local.stamps } : {};

	for (const field of merged.winners) {
		const write = change.fields[field];
		const digest = digestField(shape, field, values);
		if (write && digest !== null) stamps[field] = { at: write.at, digest, over: write.over };
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
		if (digest !== null) stamps[field] = { at, digest };
	}

	return stamps;
}

/**
 * Who has the merged state or is being sent it, so that we need not send it: of those who have the incoming one, only
 * those who have our part of it as well, or are being sent that by others. Whom we still owe our part, we owe the merged
 * state: the sender may count on us for that.
 */
function pathAfter(
	{ batch, node, acknowledged }: ApplyContext,
	{ locked }: Slot,
	merged: Merge,
	unsettled: boolean,
): NodeId[] {
	const incoming = [...new Set([...batch.path, batch.node])].filter((each) => each !== node);
	const row = locked?.row;
	if (merged.localContributes && (!row || unsettled)) return [];
	if (!row || row.life < merged.life) return incoming;
	const seq = row.touched === null && row.seq !== null ? row.seq : Number.POSITIVE_INFINITY;
	return incoming.filter((each) => row.path.includes(each) || (acknowledged.get(each) ?? -1) >= seq);
}

const knownFields = (shape: CollectionShape, fields: string[]): string[] =>
	fields.filter((field) => shape.fields.has(field));
