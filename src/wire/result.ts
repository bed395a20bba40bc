/** The receiver's answer to one change, and what it means for the sender. */

export const OUTCOMES = [
	/** Something was written. */
	'applied',
	/** The receiver had it all. */
	'unchanged',
	/** What the receiver has is newer. */
	'superseded',
	/** The mode of the change did not allow it, or `onMissing` says that it is not to be written. */
	'skipped',
	/** The receiver wants more: the values of an item that it was probed for, or with `missing_file` the bytes of a file. */
	'wanted',
	/** It can't be applied yet, and is tried again by itself. */
	'pending',
	/** It can't be applied until somebody mends something. */
	'failed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why a change was not applied, or not whole. A code never changes its meaning. */
export const RESULT_CODES = [
	/** pending: it refers to an item that the receiver does not have. */
	'missing_parent',
	/** wanted: the receiver asks for a file's bytes. pending: they are on their way, or did not arrive whole. */
	'missing_file',
	/** pending: it is to be deleted, but items of the receiver still refer to it. */
	'still_referenced',
	/** failed: the receiver has no such collection. */
	'unknown_collection',
	/** Beside another outcome: the receiver has no such field, and has applied the others. */
	'unknown_field',
	/** failed: the Data Sync user of the receiver lacks a permission. */
	'forbidden',
	/** failed: a value, or its type, is none that can be sent or that the receiver takes; a validation rule counts as well. */
	'invalid_value',
	/** failed: another item of the receiver has a value that has to be unique. */
	'not_unique',
	/** failed: another item of the receiver has this key, which both nodes have counted up to. */
	'key_conflict',
	/** failed: it is larger than the receiver takes, as a request or as a file. */
	'too_large',
	/** failed: the collection belongs to Directus itself, and is never synced. */
	'system_collection',
	/** failed: the receiver refuses it for another reason, such as an extension's, which the message gives. */
	'internal',
] as const;
export type ResultCode = (typeof RESULT_CODES)[number];

export type ChangeResult = {
	outcome: Outcome;
	/** Why it is pending or failed. Also set beside another outcome when a part was refused (unknown_field). */
	code?: ResultCode | undefined;
	/** One sentence that says what is wrong and what to do. */
	message?: string | undefined;
	/** How many fields lost to a newer write at the receiver. */
	superseded?: number | undefined;
	/** Fields that refer to items which the receiver does not have, and that were left out or kept the item from being written. */
	leftOut?: string[] | undefined;
};
