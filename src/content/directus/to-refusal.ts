/** Turns Directus' errors into refusals: whether waiting helps, and a sentence on what does. */
import { type DirectusError, isDirectusError } from '@directus/errors';
import { databaseFault } from '../../directus/dialects/index.ts';
import { clip } from '../../wire/message.ts';
import { Refusal } from '../../wire/refusal.ts';
import type { ResultCode } from '../../wire/result.ts';
import type { ItemWrite, Ref } from '../port.ts';
import { nameOf } from '../singleton.ts';
import { isFaultOfValue } from './fault-of-value.ts';

const INVALID = [
	'FAILED_VALIDATION',
	'INVALID_PAYLOAD',
	'VALUE_TOO_LONG',
	'VALUE_OUT_OF_RANGE',
	'NOT_NULL_VIOLATION',
	'CONTAINS_NULL_VALUES',
];
/** Characters of somebody else's words in a message of ours. */
const LONGEST = 500;

/** Anything that is not about this item (a lost connection, a deadlock) is returned as it is. */
export function toRefusal(error: unknown, write: ItemWrite): unknown {
	const name = nameOf(write);
	const failed = (code: ResultCode, message: string) => new Refusal('failed', code, message);

	if (isForeignKey(error)) {
		return write.kind === 'delete'
			? new Refusal(
					'pending',
					'still_referenced',
					`${name} can't be deleted on the remote yet: other items there refer to it.`,
				)
			: new Refusal(
					'pending',
					'missing_parent',
					`${name} refers to an item that is not on the remote yet. It is tried again when that has arrived; list its collection in the source's schema if it never does.`,
				);
	}
	if (error instanceof TypeError)
		return failed('invalid_value', `${name} can't be written on the remote: ${said(error)}.`);
	if (isFaultOfValue(error)) {
		return failed(
			'invalid_value',
			`${name} can't be written on the remote (${said(error)}): it has a value there, or is sent one, that Directus can't read. Set that right, then resync.`,
		);
	}
	if (isSeveral(error)) {
		const message = error.map((each) => each.message).join(' ');
		return toRefusal(Object.assign(error[0], { message: clip(message, LONGEST) }), write);
	}
	if (!isDirectusError(error)) {
		if (databaseFault(error) === 'data') {
			return failed(
				'invalid_value',
				`${name} does not fit the remote's database: check that the fields have the same types there.`,
			);
		}
		return isPlainError(error)
			? new Refusal(
					'failed',
					'internal',
					`${name} fails at an error of an extension of the remote. The log there says which; mend it, then resync.`,
					// Not meant for strangers: it may tell anything, as of what the extension has read or called.
					{ cause: error },
				)
			: error;
	}
	if (error.code === 'FORBIDDEN') {
		return failed(
			'forbidden',
			`The remote's policy "Data Sync" has no permission to ${write.kind} in "${write.collection}". Give it that permission there, for all fields, then resync.`,
		);
	}
	if (error.code === 'RECORD_NOT_UNIQUE') {
		return failed(
			'not_unique',
			`${name}: ${said(error)} The remote has another item with that value; change one of the two.`,
		);
	}
	if (INVALID.includes(error.code)) {
		return failed(
			'invalid_value',
			`${name} is refused by the remote: ${said(error)} Change the item, or the field's rules there, then resync.`,
		);
	}
	return failed('internal', `${name} is refused by the remote: ${said(error)}`);
}

/** The same for reading: only what the database can't make of the item's key, or of a value to look for, is about it. */
export const toReadRefusal = (error: unknown, ref: Ref): unknown =>
	databaseFault(error) === 'data'
		? new Refusal(
				'failed',
				'invalid_value',
				`${nameOf(ref)} can't be on the remote: its key does not fit the type that keys have there.`,
			)
		: error;

/** Databases repeat the value that they refuse. */
const said = ({ message }: { message: string }): string => clip(message, LONGEST);

/** Broken rules of fields come as a list, one error for each. */
function isSeveral(error: unknown): error is [DirectusError, ...DirectusError[]] {
	return Array.isArray(error) && error.length > 0 && error.every((each) => isDirectusError(each));
}

/** What a hook throws to refuse an item. Errors of databases and networks have a code, ours have classes of their own. */
function isPlainError(error: unknown): error is Error {
	return error instanceof Error && error.constructor === Error && !('code' in error) && !('cause' in error);
}

function isForeignKey(error: unknown): boolean {
	return isDirectusError(error) ? error.code === 'INVALID_FOREIGN_KEY' : databaseFault(error) === 'foreign_key';
}
