/** The receiver's answer to one change, and what it means for the sender. */

export const OUTCOMES = ['applied', 'unchanged', 'superseded', 'skipped', 'wanted', 'pending', 'failed'] as const;

/**
 * applied: something was written; unchanged: the receiver had it all; superseded: the receiver's is newer;
 * skipped: the mode did not allow it; wanted: answer to a probe, the receiver has the item; with the code missing_file, it
 * would take the file and asks for its bytes;
 * pending: it can't be applied yet; failed: it can't be applied until somebody mends something.
 */
export type Outcome = (typeof OUTCOMES)[number];

export const RESULT_CODES = [
	'missing_parent',
	'missing_file',
	'still_referenced',
	'unknown_collection',
	'unknown_field',
	'forbidden',
	'invalid_value',
	'not_unique',
	'key_conflict',
	'too_large',
	'system_collection',
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
