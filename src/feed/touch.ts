/**
 * Touches by what has happened to the item. Settling compares the whole item in any case. What a touch says beyond that decides what
 * counts as written at its time when the feed does not know the item yet, whose filters are looked at again, and what is taken for
 * a deletion.
 */

import type { Ref } from '../content/port.ts';
import { CONTENT, FILES } from '../replication/file-content.ts';
import { type Timestamp, UNWRITTEN } from '../replication/timestamp.ts';
import type { Touch } from './port.ts';

export type WriteAction = 'create' | 'update' | 'delete';

/** A write whose time is not known before its transaction has ended. */
export type UntimedTouch = Omit<Touch, 'at'>;

/** @param changed the fields; null when that is not known */
export const untimedTouch = (
	{ collection, item }: Ref,
	action: WriteAction,
	changed: string[] | null,
): UntimedTouch => ({
	collection,
	item,
	created: action === 'create',
	onlyUpdated: action === 'update',
	deleted: action === 'delete',
	changed,
});

/** Somebody has written the item. */
export const writtenTouch = (ref: Ref, at: Timestamp, action: WriteAction, changed: string[] | null): Touch => ({
	...untimedTouch(ref, action, changed),
	at,
});

/** The bytes of a file are complete, or others than before. */
export const uploadedTouch = (item: string, at: Timestamp): Touch => ({
	collection: FILES,
	item,
	at,
	created: false,
	changed: [CONTENT],
});

/** Nobody has written the item; it is only to be looked at again: sent once more, or held against a filter. */
export const unchangedTouch = ({ collection, item }: Ref, at: Timestamp): Touch => ({
	collection,
	item,
	at,
	created: false,
	changed: [],
});

/** The item is not, or may not be, what the feed remembers: whatever differs counts as written at that time. */
export const suspectTouch = ({ collection, item }: Ref, at: Timestamp): Touch => ({
	collection,
	item,
	at,
	created: false,
	changed: null,
});

/** Apply has written what a remote has sent, with the remote's stamps: nobody has written it here. */
export const appliedTouch = (ref: Ref): Touch => suspectTouch(ref, UNWRITTEN);

/**
 * The database has changed the item along with a deleted one that it referred to.
 * @param at of the deletion, where the item was deleted as well; null where its reference was emptied, which nobody has written
 */
export const cascadedTouch = (ref: Ref, at: Timestamp | null): Touch => suspectTouch(ref, at ?? UNWRITTEN);

/** Two touches of one item as one. */
export const joinTouches = <T extends UntimedTouch>(before: T, after: T): T => ({
	...after,
	created: after.created || before.created,
	changed: before.changed && after.changed && [...before.changed, ...after.changed],
	onlyUpdated: Boolean(before.onlyUpdated && after.onlyUpdated),
	deleted: Boolean(before.deleted || after.deleted),
});
