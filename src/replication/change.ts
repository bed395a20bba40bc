/**
 * A change: what one item is on its sender, as far as it is shared. It carries state, not a command, so sending
 * it twice, late or in another order than it happened does no harm.
 */
import type { Birth, Life } from './life.ts';
import type { Ended, Seen, SentValue } from './stamps.ts';
import type { Timestamp } from './timestamp.ts';

export type FieldWrite = SentValue & Seen & { at: Timestamp };

/**
 * What the receiver may do with the change:
 * upsert: create or update the item;
 * create: only if it does not have the item (the source does not sync updates);
 * probe:  nothing; answer whether it has the item. Sent without values, for items that the source's filter keeps
 *         from being created there: no value of theirs leaves the sender unless the item is there already;
 * update: only if it has the item (the second step of a probe).
 */
export const CHANGE_MODES = ['upsert', 'create', 'update', 'probe'] as const;
export type ChangeMode = (typeof CHANGE_MODES)[number];

/**
 * What the receiver does where a field refers to an item that it does not have: leave: leave the field out; null: empty it;
 * wait: keep the change pending; skip: not write the item at all; defer: leave the field out for now and still answer
 * pending, because the other item waits for this one.
 */
export const ON_MISSING = ['leave', 'null', 'wait', 'skip', 'defer'] as const;
export type OnMissing = (typeof ON_MISSING)[number];

export type Change = {
	collection: string;
	/** The primary key as text. */
	item: string;
	life: Life;
	born: Birth;
	/** The deleted items that had this key; only where keys are counted up. */
	buried?: readonly Birth[] | undefined;
	/** By field name; empty when the item is deleted. */
	fields: Readonly<Record<string, FieldWrite>>;
	/** The deletion of an item that is gone, where it is known. */
	ended?: Ended | undefined;
	mode: ChangeMode;
	/** By field that refers to an item; `wait` where nothing is said. */
	onMissing?: Readonly<Record<string, OnMissing>> | undefined;
};

/** Names an item across collections, for maps. */
export const itemId = (collection: string, item: string): string => `${collection}\u0000${item}`;
