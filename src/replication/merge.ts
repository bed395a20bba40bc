/**
 * The merge of an item's local state with a remote's: pure, commutative, associative and idempotent.
 *
 * The larger life wins whole. Within one life each field is a last-writer-wins register: the later stamp wins. A stamp
 * names one write and is never given out twice, so equal stamps mean the same write and nothing is to be done;
 * that holds even where a database stored the value less exactly than its origin did.
 */
import { type Birth, isAlive, type Life } from './life.ts';
import type { Ended, Stamps } from './stamps.ts';
import { type Timestamp, UNWRITTEN } from './timestamp.ts';

export type ItemState = {
	life: Life;
	born: Birth;
	/** The deleted items that had this key, where keys are counted up: see counted-key.ts. */
	buried?: readonly Birth[] | undefined;
	stamps: Stamps;
	/** The deletion of an item that is gone; meaningless for one that lives. */
	ended?: Ended | null | undefined;
};

export type Incoming = {
	life: Life;
	born: Birth;
	buried?: readonly Birth[] | undefined;
	fields: Readonly<Record<string, { at: Timestamp }>>;
};

export type Merge = {
	life: Life;
	born: Birth;
	buried?: readonly Birth[] | undefined;
	/** What was here goes on, an item or its absence. */
	stays: boolean;
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
		stays: true,
		born: earlier(local.born, incoming.born),
		winners,
		superseded,
		localContributes: localOnly || superseded.length > 0,
	};
}

/** Whether the merged state is another one than the local. */
export function isMoved({ life, buried = [] }: ItemState, merged: Merge): boolean {
	return merged.winners.length > 0 || merged.life !== life || (merged.buried ?? []).length > buried.length;
}

function takeWhole(incoming: Incoming, fields: string[]): Merge {
	return { ...identity(incoming), stays: false, winners: fields, superseded: [], localContributes: false };
}

function keepWhole(local: ItemState, superseded: string[]): Merge {
	return { ...identity(local), stays: true, winners: [], superseded, localContributes: true };
}

const identity = ({ life, born }: { life: Life; born: Birth }) => ({ life, born });

export function earlier(a: Birth, b: Birth): Birth {
	if (a === null) return b;
	if (b === null) return a;
	return a < b ? a : b;
}
