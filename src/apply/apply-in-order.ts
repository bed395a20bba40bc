/** The inside of apply's transaction: lock, merge and write; record-applied.ts is its end. */

import { groupByCollection } from '../content/group.ts';
import type { ItemWrite } from '../content/port.ts';
import type { Referred } from '../content/references.ts';
import { resolveUsers } from '../content/users.ts';
import { findCascaded } from '../feed/cascades.ts';
import type { Change } from '../replication/change.ts';
import { isAlive } from '../replication/life.ts';
import { Refusal } from '../wire/refusal.ts';
import type { ChangeResult } from '../wire/result.ts';
import type { ApplyContext } from './apply-context.ts';
import { type ApplyStep, inOrder } from './apply-order.ts';
import { byHalves } from './by-halves.ts';
import { automatic, type Decision, decide } from './decide.ts';
import { referencesWritten, strip, waiting, withoutMissing } from './missing-references.ts';
import { permit } from './permitted.ts';
import type { ApplyTransaction, LockedItem, NotedConflict } from './port.ts';
import { createPresence, type Presence } from './presence.ts';
import { knownFields, recordAll } from './record-applied.ts';
import type { Slot } from './slot.ts';

/** How often what was refused is tried again within a batch: each time may be as many writes as it has items. */
const MOST_ROUNDS = 8;

/**
 * Applies the changes one after the other, parents before children. With `isolate` each has a savepoint, and those that
 * are refused over something that may change are tried again after the others.
 */
export async function applyInOrder(
	transaction: ApplyTransaction,
	context: ApplyContext,
	isolate: boolean,
): Promise<ChangeResult[]> {
	const slots = await lockAll(transaction, context, isolate);
	const presence = await createPresence(transaction, slots, isolate);
	const decisions = new Map<Slot, Decision>();
	const later: { slot: Slot; references: Referred[] }[] = [];
	let open = inOrder(slots);

	for (let round = 1, progress = true; progress && open.length > 0; round += 1) {
		progress = false;
		const retry: ApplyStep[] = [];

		for (const step of open) {
			const { slot } = step;
			for (const each of step.release) await empty(transaction, each.slot, each.field, isolate);
			const whole = decide(context, slot);
			const absent = referencesWritten(slot, whole).filter((each) => !presence.has(each));
			const deferred = absent.filter(({ field }) => step.defer.includes(field));
			const left = absent.filter((each) => !deferred.includes(each));
			const attempt = async (missing: Referred[]) => {
				const decision = await permit(transaction, slot, withoutMissing(slot, whole, missing));
				const write = decision.write && without(decision.write, deferred);
				return { decision, refusal: write ? await tryWrite(transaction, slot, write, isolate) : null };
			};

			let { decision, refusal } = await attempt(left);
			if (refusal?.code === 'missing_parent') {
				// One of those that could not be asked for, as the database has said now.
				const untold = referencesWritten(slot, whole).filter((each) => presence.isUntold(each));
				if (untold.length > 0) ({ decision, refusal } = await attempt([...left, ...untold]));
			}

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

		// Those that wait for each other in a row are all done backwards where each of them waited for the next.
		open = retry.reverse();
		if (round === MOST_ROUNDS && progress) for (const { slot } of open) putOff(decisions, slot);
		if (round === MOST_ROUNDS) break;
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
	await touchCascaded(transaction, context, decisions);
	return slots.map((slot) => decisions.get(slot)?.result ?? { outcome: 'failed', code: 'internal' });
}

/** What the database has done by itself is nobody's edit, and least of all one of this moment. */
async function touchCascaded(
	transaction: ApplyTransaction,
	{ clock }: ApplyContext,
	decisions: ReadonlyMap<Slot, Decision>,
): Promise<void> {
	const deleted = [...decisions].flatMap(([{ change }, { write, record }]) =>
		record && write?.kind === 'delete' ? [{ ...change, at: change.ended?.at ?? clock.stamp() }] : [],
	);
	if (deleted.length > 0) await transaction.touch(await findCascaded(transaction, deleted));
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

/** There was progress to the last, so that another attempt may bring it further. */
function putOff(decisions: Map<Slot, Decision>, slot: Slot): void {
	const decision = decisions.get(slot);
	if (decision) decisions.set(slot, { ...decision, result: { ...decision.result, outcome: 'pending' } });
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

async function lockAll(
	transaction: ApplyTransaction,
	{ batch: { changes }, listed }: ApplyContext,
	isolate: boolean,
): Promise<Slot[]> {
	const slots = new Map<Change, Slot>();

	for (const [collection, group] of groupByCollection(changes)) {
		const shape = await transaction.shape(collection);
		const told = group.flatMap((change) => Object.keys(change.fields));
		// What is deleted, or refers to what is, says so by its present values.
		const references = changes.some(({ life }) => !isAlive(life)) ? [...(shape?.references.keys() ?? [])] : [];
		const by = [...(shape?.references.values() ?? [])].flatMap((each) => each.by ?? []);
		const fields = shape && [...new Set([...told, ...listed(collection), ...references, ...by])];
		const locked: LockedItem[] = [];
		const items = group.map(({ item }) => item);
		const refusals = await byHalves(transaction, isolate, items, async (part) => {
			if (shape && fields) locked.push(...(await transaction.lock(shape, part, knownFields(shape, fields))));
		});
		const byItem = new Map(locked.map((each) => [each.item, each]));
		const resolved = shape ? await resolveUsers(transaction, shape, group) : group;

		for (const [index, sent] of group.entries()) {
			const refusal = refusals.get(sent.item);
			const refused = refusal && toResult(refusal);
			slots.set(sent, {
				change: resolved[index] ?? sent,
				sent,
				shape,
				locked: byItem.get(sent.item) ?? null,
				...(refused && { refused }),
			});
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
