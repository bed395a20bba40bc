/** What becomes of a decided write that refers to items which are not there. Pure. */

import { type Referred, referencesOf } from '../content/references.ts';
import { nameOf } from '../content/singleton.ts';
import type { OnMissing } from '../replication/change.ts';
import type { Json } from '../replication/digest.ts';
import { isMoved } from '../replication/merge.ts';
import { clip } from '../wire/message.ts';
import type { Decision } from './decide.ts';
import type { Slot } from './slot.ts';

/** Characters: what a value refers to may be any text. */
const LONGEST_NAMES = 1000;

/** The references that the decision would write, those to the item itself left out. */
export function referencesWritten({ shape, locked, change }: Slot, { write }: Decision): Referred[] {
	if (!shape || !write || write.kind === 'delete') return [];
	// The column that names the collection may be the same as before, and then is not written.
	const told = Object.fromEntries(Object.entries(change.fields).map(([field, { value }]) => [field, value]));
	const values: Record<string, Json> = { ...locked?.values, ...told, ...write.values };
	return referencesOf(shape, values).filter(
		({ field, collection, item }) =>
			Object.hasOwn(write.values, field) && (collection !== change.collection || item !== change.item),
	);
}

/** The decision without what refers to missing items, or instead of it the reason why nothing is written. */
export function withoutMissing(slot: Slot, decision: Decision, missing: Referred[]): Decision {
	if (missing.length === 0) return decision;
	const policies = new Map(missing.map((each) => [each, policyFor(slot, decision, each)]));
	const having = (...wanted: OnMissing[]) => missing.filter((each) => wanted.includes(policies.get(each) ?? 'wait'));

	const awaited = having('wait');
	if (awaited.length > 0) return instead(decision, waiting(slot, awaited));
	const skipped = having('skip');
	if (skipped.length > 0) return instead(decision, { outcome: 'skipped', leftOut: skipped.map(({ field }) => field) });

	const nulled = having('null').map(({ field }) => field);
	const stripped = strip(decision, having('leave', 'defer'), nulled);
	const deferred = having('defer');
	if (deferred.length > 0) return { ...stripped, result: waiting(slot, deferred) };
	const leftOut = missing.map(({ field }) => field);
	return { ...stripped, result: { ...stripped.result, leftOut } };
}

/** The decision without some of its fields, as if the change had not brought them. */
export function strip(decision: Decision, left: Referred[], nulled: string[] = []): Decision {
	const { write, merge, state } = decision;
	if (!write || write.kind === 'delete' || !merge || !state) return decision;
	const gone = new Set([...left.map(({ field }) => field), ...nulled]);
	const winners = merge.winners.filter((field) => !gone.has(field));
	const kept = Object.entries(write.values).filter(([field]) => winners.includes(field));
	const emptied = nulled.map((field) => [field, null] as const);
	const values = Object.fromEntries([...kept, ...emptied]);
	const isEmpty = write.kind === 'update' && Object.keys(values).length === 0;
	const moved = nulled.length > 0 || isMoved(state, { ...merge, winners });
	const outcome = moved ? decision.result.outcome : merge.superseded.length > 0 ? 'superseded' : 'unchanged';
	return {
		...decision,
		result: { ...decision.result, outcome },
		write: isEmpty ? null : { ...write, values },
		record: moved || decision.unsettled,
		merge: { ...merge, winners },
		conflicts: decision.conflicts.filter(({ field }) => field === null || !gone.has(field)),
		nulled: [...decision.nulled, ...nulled],
	};
}

/** A field that must not be empty can't be left out of a new item, nor emptied: the item waits. */
function policyFor({ change }: Slot, { write }: Decision, { field, nullable }: Referred): OnMissing {
	const policy = (change.onMissing && Object.hasOwn(change.onMissing, field) && change.onMissing[field]) || 'wait';
	if (nullable || policy === 'skip') return policy;
	return policy === 'leave' && write?.kind === 'update' ? 'leave' : 'wait';
}

const instead = (decision: Decision, result: Decision['result']): Decision => ({
	...decision,
	result,
	write: null,
	record: false,
	merge: null,
	conflicts: [],
});

export function waiting({ change }: Slot, missing: Referred[]): Decision['result'] {
	const names = missing.map((each) => `${nameOf(each)} by "${each.field}"`).join(', ');
	return {
		outcome: 'pending',
		code: 'missing_parent',
		message: `${nameOf(change)} refers to ${clip(names, LONGEST_NAMES)}, which is not on the remote yet. It is tried again when that has arrived; list that collection in the source's schema if it never does, or say by "onMissing" what is to become of the reference.`,
	};
}
