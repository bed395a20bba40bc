/**
 * The merge of an item's local state with a remote's: pure, commutative, associative and idempotent.
 *
 * The larger life wins whole. Within one life each field is a last-writer-wins register: the later stamp wins. A stamp
 * names one write and is never given out twice, so equal stamps mean the same write and nothing is to be done;
 * that holds even where a database stored the value less exactly than its origin did.
 */
import { isAlive, type Life } from './life.ts';
import type { Ended, Stamps } from './stamps.ts';
import { type Timestamp, UNWRITTEN } from './timestamp.ts';

export type ItemState = {
	life: Life;
	born: Timestamp | null;
	stamps: Stamps;
	/** The deletion of an item that is gone; meaningless for one that lives. */
	ended?: Ended | null | undefined;
};

export type Incoming = { life: Life; born: Timestamp | null; fields: Readonly<Record<string, { at: Timestamp }>> };

export type Merge = {
	life: Life;
	born: Timestamp | null;
	/** Fields whose incoming value is to be written. */
	winners: string[];
	/** Fields whose incoming value is older than the local one. */
	superseded: string[];
	/** The local state holds something that the incoming one does not. */
	localContributes: boolean;
};

/** What the remote's state changes in ours. */
export function merge(local: ItemState, incoming: Incoming): Merge {
	const fields = Object.keys(incoming.fields);
	if (incoming.life > local.life) return takeWhole(incoming, fields);
	if (incoming.life < local.life) return keepWhole(local, fields);
	if (!isAlive(local.life)) return { ...keepWhole(local, []), born: earlier(local.born, incoming.born) };

	const winners: string[] = [];
	const superseded: string[] = [];

	for (const field of fields) {
		const ours = local.stamps[field]?.at ?? '';
		const theirs = incoming.fields[field]?.at ?? '';
		if (theirs > ours) winners.push(field);
		else if (theirs < ours) superseded.push(field);
	}

	const localOnly = Object.entries(local.stamps).some(
		([field, { at }]) => at !== UNWRITTEN && !Object.hasOwn(incoming.fields, field),
	);
	return {
		life: local.life,
		born: earlier(local.born, incoming.born),
		winners,
		superseded,
		localContributes: localOnly || superseded.length > 0,
	};
}

/**
 * Whether the two states are different items that were given the same key. Only keys that each node counts up
 * by itself can collide; two items are the same one exactly when they share their birth.
 */
export function isKeyConflict(local: ItemState, incoming: Incoming, keyIsCounted: boolean): boolean {
	if (!keyIsCounted || !isAlive(local.life) || local.born === incoming.born) return false;
	return incoming.life === local.life || (incoming.life > local.life && !isAlive(incoming.life));
}

function takeWhole(incoming: Incoming, fields: string[]): Merge {
	return { life: incoming.life, born: incoming.born, winners: fields, superseded: [], localContributes: false };
}

function keepWhole(local: ItemState, superseded: string[]): Merge {
	return { life: local.life, born: local.born, winners: [], superseded, localContributes: true };
}

function earlier(a: Timestamp | null, b: Timestamp | null): Timestamp | null {
	if (a === null) return b;
	if (b === null) return a;
	return a < b ? a : b;
}
