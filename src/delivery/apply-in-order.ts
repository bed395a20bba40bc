/** The inside of apply's transaction: lock, merge, write, read back, record. */
import type { Batch } from '../replication/batch.ts';
import { type Change, itemId } from '../replication/change.ts';
import { CONTENT } from '../replication/content.ts';
import { isAlive } from '../replication/life.ts';
import type { Merge } from '../replication/merge.ts';
import type { ChangeResult } from '../replication/result.ts';
import { type FieldStamp, NO_STAMPS } from '../replication/stamps.ts';
import { type NodeId, type Timestamp, UNWRITTEN } from '../replication/timestamp.ts';
import { inOrder, type Step } from './apply-order.ts';
import { digestField, stampRead } from './compare.ts';
import { automatic, type Decision, decide } from './decide.ts';
import { Refusal } from './errors.ts';
import { groupByCollection } from './group.ts';
import { referencesWritten, strip, waiting, withoutMissing } from './missing.ts';
import type {
	ApplyTransaction,
	ClockPort,
	CollectionShape,
	ItemWrite,
	NotedConflict,
	RecordedRow,
	Values,
} from './ports.ts';
import { createPresence, type Presence } from './presence.ts';
import type { Referred } from './references.ts';
import type { Slot } from './slot.ts';
import type { Trust } from './trust.ts';
import { resolveUsers } from './users.ts';

export type ApplyContext = {
	clock: ClockPort;
	node: NodeId;
	/** The stamp of what was there before Data Sync was. */
	baseline: Timestamp;
	/** The fields of a collection that this node tells anybody. */
	listed: (collection: string) => ReadonlySet<string>;
	batch: Batch;
	acknowledged: ReadonlyMap<NodeId, number>;
	/** Whether a node has what it has acknowledged, and what paths say it has. */
	trusts: Trust;
	/** The source that conflicts with the sender count for; null when it is no remote of ours. */
	sourceFor: (collection: string) => string | null;
};

/**
 * Applies the changes one after the other, parents before children. With `isolate` each has a savepoint, and those that
 * are refused over something that may change are tried again after the others.
 */
export async function applyInOrder(
	transaction: ApplyTransaction,
	context: ApplyContext,
	isolate: boolean,
): Promise<ChangeResult[]> {
	const slots = await lockAll(transaction, context);
	const presence = await createPresence(transaction, slots);
	const decisions = new Map<Slot, Decision>();
	const later: { slot: Slot; references: Referred[] }[] = [];
	let open = inOrder(slots);

	for (let progress = true; progress && open.length > 0; ) {
		progress = false;
		const retry: Step[] = [];

		for (const step of open) {
			const { slot } = step;
			for (const each of step.release) await empty(transaction, each.slot, each.field, isolate);
			const whole = decide(context, slot);
			const absent = referencesWritten(slot, whole).filter((each) => !presence.has(each));
			const deferred = absent.filter(({ field }) => step.defer.includes(field));
			const decision = withoutMissing(
				slot,
				whole,
				absent.filter((each) => !deferred.includes(each)),
			);
			const refusal = decision.write
				? await tryWrite(transaction, slot, without(decision.write, deferred), isolate)
				: null;

			if (refusal) decisions.set(slot, { ...decision, result: toResult(refusal), record: false, conflicts: [] });
			else decisions.set(slot, decision);
			if (refusal ? mayPass(refusal) : decision.write === null && decision.result.outcome === 'pending') {
				retry.push(step);
				continue;
			}

			if (refusal) continue;
			if (decision.write) presence.note(slot, decision.write);
			if (decision.write && deferred.length > 0) later.push({ slot, references: deferred });
			progress = true;
		}

		open = retry;
	}

	for (const { slot, references } of later) {
		const decision = decisions.get(slot);
		if (decision) decisions.set(slot, await addReferences(transaction, slot, decision, references, presence, isolate));
	}

	const written = [...decisions]
		.map(([slot, decision]) => ({ slot, decision }))
		.filter(({ decision }) => decision.record);
	await recordAll(transaction, context, written);
	await noteConflicts(transaction, context, decisions);
	return slots.map((slot) => decisions.get(slot)?.result ?? { outcome: 'failed', code: 'internal' });
}

async function noteConflicts(
	transaction: ApplyTransaction,
	{ sourceFor }: ApplyContext,
	decisions: ReadonlyMap<Slot, Decision>,
): Promise<void> {
	const noted = [...decisions].flatMap(
		([
			{
				change: { collection, item },
			},
			{ conflicts },
		]): NotedConflict[] => {
			const source = conflicts.length > 0 ? sourceFor(collection) : null;
			return conflicts.map((conflict) => ({ ...conflict, collection, item, source }));
		},
	);
	if (noted.length > 0) await transaction.noteConflicts(noted);
}

const toResult = ({ outcome, code, message }: Refusal): ChangeResult => ({ outcome, code, message });

/** Other items of the batch may still make room for it. */
const mayPass = ({ outcome, code }: Refusal): boolean => outcome === 'pending' || code === 'not_unique';

/** The second pass of a ring: what was left empty at first is set, as far as the other item has come. */
async function addReferences(
	transaction: ApplyTransaction,
	slot: Slot,
	decision: Decision,
	references: Referred[],
	presence: Presence,
	isolate: boolean,
): Promise<Decision> {
	const { collection, item } = slot.change;
	const values = Object.fromEntries(
		references
			.filter((each) => presence.has(each))
			.map(({ field }) => [field, slot.change.fields[field]?.value ?? null]),
	);
	const missing = references.filter((each) => !presence.has(each));
	const isAny = Object.keys(values).length > 0;
	const keep = automatic(slot.shape, { ...slot.locked?.values, ...decision.write?.values });
	const write: ItemWrite = { collection, item, kind: 'update', values, keep };
	const refusal = isAny ? await tryWrite(transaction, slot, write, isolate) : null;
	if (!refusal && missing.length === 0) return decision;
	// The item is there without the reference; the sender sends it again.
	const stripped = strip(decision, refusal ? references : missing);
	return { ...stripped, result: refusal ? toResult(refusal) : waiting(slot, missing) };
}

/** Before an item can be deleted that others refer to, in a ring. */
async function empty(transaction: ApplyTransaction, slot: Slot, field: string, isolate: boolean): Promise<void> {
	const { collection, item } = slot.change;
	const keep = automatic(slot.shape, slot.locked?.values ?? {});
	await tryWrite(transaction, slot, { collection, item, kind: 'update', values: { [field]: null }, keep }, isolate);
}

function without(write: ItemWrite, references: Referred[]): ItemWrite {
	if (write.kind === 'delete' || references.length === 0) return write;
	const gone = new Set(references.map(({ field }) => field));
	const values = Object.fromEntries(Object.entries(write.values).filter(([field]) => !gone.has(field)));
	return { ...write, values };
}

async function lockAll(transaction: ApplyTransaction, { batch: { changes }, listed }: ApplyContext): Promise<Slot[]> {
	const slots = new Map<Change, Slot>();

	for (const [collection, group] of groupByCollection(changes)) {
		const shape = await transaction.shape(collection);
		const told = group.flatMap((change) => Object.keys(change.fields));
		// What is deleted, or refers to what is, says so by its present values.
		const references = changes.some(({ life }) => !isAlive(life)) ? [...(shape?.references.keys() ?? [])] : [];
		const by = [...(shape?.references.values() ?? [])].flatMap((each) => each.by ?? []);
		const fields = shape && [...new Set([...told, ...listed(collection), ...references, ...by])];
		const locked =
			shape && fields
				? await transaction.lock(
						shape,
						group.map((change) => change.item),
						knownFields(shape, fields),
					)
				: [];
		const byItem = new Map(locked.map((each) => [each.item, each]));
		const resolved = shape ? await resolveUsers(transaction, shape, group) : group;

		for (const [index, sent] of group.entries()) {
			slots.set(sent, { change: resolved[index] ?? sent, sent, shape, locked: byItem.get(sent.item) ?? null });
		}
	}

	return changes.flatMap((change) => slots.get(change) ?? []);
}

async function tryWrite(
	transaction: ApplyTransaction,
	{ shape }: Slot,
	write: ItemWrite,
	isolate: boolean,
): Promise<Refusal | null> {
	if (!shape) return null;
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
			const { life, born } = decision.merge;
			const current = values.get(item) ?? null;
			const told = stampsAfter(shape, slot.sent ?? slot.change, decision, current);
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
	{ state: local, merge: merged, nulled }: Decision,
	values: Values | null,
): Readonly<Record<string, FieldStamp>> {
	if (values === null || !local || !merged || !isAlive(merged.life)) return NO_STAMPS;
	const stamps: Record<string, FieldStamp> = merged.life === local.life ? { ...local.stamps } : {};

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
	{ batch, node, acknowledged, trusts }: ApplyContext,
	{ locked }: Slot,
	merged: Merge,
	unsettled: boolean,
): NodeId[] {
	const incoming = [...new Set([...batch.path, batch.node])].filter((each) => each !== node);
	const row = locked?.row;
	if (merged.localContributes && (!row || unsettled)) return [];
	if (!row || row.life < merged.life) return incoming;
	const seq = row.touched === null && row.seq !== null ? row.seq : Number.POSITIVE_INFINITY;
	return incoming.filter((each) => trusts(each) && (row.path.includes(each) || (acknowledged.get(each) ?? -1) >= seq));
}

const knownFields = (shape: CollectionShape, fields: string[]): string[] =>
	fields.filter((field) => shape.fields.has(field));
