/**
 * The order in which a batch is applied: parents are created before their children and deleted after them. Otherwise
 * the changes keep the order they came in. Rings are broken at a reference that may be empty for a while.
 */

import { referencesOf } from '../content/references.ts';
import { itemId } from '../replication/change.ts';
import { isAlive } from '../replication/life.ts';
import { type Slot, slotId } from './slot.ts';

export type ApplyStep = {
	slot: Slot;
	/** References to items that come later: to be left empty, and set when those are there. */
	defer: string[];
	/** References of others to this item, to be emptied before it can be deleted. */
	release: { slot: Slot; field: string }[];
};

/** `slot` can't be done before `first`, because of a field of one of them that refers to the other. */
type Need = { first: Slot; field: string; nullable: boolean };

export function inOrder(slots: Slot[]): ApplyStep[] {
	const needs = findNeeds(slots);
	const steps: ApplyStep[] = [];
	let open = slots;

	while (open.length > 0) {
		if (needs.size === 0) return [...steps, ...open.map(toStep)];
		const waiting = new Set(open);
		const unmet = (slot: Slot) => (needs.get(slot) ?? []).filter(({ first }) => waiting.has(first));
		const ready: Slot[] = [];

		for (const slot of open) {
			if (unmet(slot).length > 0) continue;
			ready.push(slot);
			waiting.delete(slot);
		}

		if (ready.length > 0) steps.push(...ready.map(toStep));
		else {
			const slot = open.find((each) => unmet(each).every(({ nullable }) => nullable)) ?? open[0];
			if (!slot) break;
			steps.push(toBreakingStep(slot, unmet(slot)));
			waiting.delete(slot);
		}

		open = open.filter((slot) => waiting.has(slot));
	}

	return steps;
}

const toStep = (slot: Slot): ApplyStep => ({ slot, defer: [], release: [] });

function toBreakingStep(slot: Slot, unmet: Need[]): ApplyStep {
	const open = unmet.filter(({ nullable }) => nullable);
	if (isAlive(slot.change.life)) return { slot, defer: open.map(({ field }) => field), release: [] };
	return { slot, defer: [], release: open.map(({ first, field }) => ({ slot: first, field })) };
}

function findNeeds(slots: Slot[]): Map<Slot, Need[]> {
	const byId = new Map(slots.map((slot) => [slotId(slot), slot]));
	const needs = new Map<Slot, Need[]>();
	const need = (slot: Slot, what: Need) => needs.set(slot, [...(needs.get(slot) ?? []), what]);

	for (const slot of slots) {
		const { shape, locked, change } = slot;
		if (!shape) continue;

		for (const { field, nullable, collection, item } of isAlive(change.life) ? referencesOf(shape, told(slot)) : []) {
			const parent = byId.get(itemId(collection, item));
			const isComing = parent && parent !== slot && isAlive(parent.change.life) && !parent.locked?.values;
			if (isComing) need(slot, { first: parent, field, nullable });
		}

		for (const { field, nullable, collection, item } of locked?.values ? referencesOf(shape, locked.values) : []) {
			const parent = byId.get(itemId(collection, item));
			const isGoing = parent && parent !== slot && !isAlive(parent.change.life);
			if (isGoing) need(parent, { first: slot, field, nullable });
		}
	}

	return needs;
}

/** The values that a change brings. */
export const told = ({ change }: Slot) =>
	Object.fromEntries(Object.entries(change.fields).map(([field, { value }]) => [field, value]));
