/** What an item's comment says of its conflicts: who won, when, and where the other value is. */
import { CONTENT } from '../../replication/file-content.ts';
import { type Timestamp, timestampToMillis } from '../../replication/timestamp.ts';

export type ToldConflict = {
	field: string;
	winner: Timestamp;
	loser: Timestamp;
	/** The edit that was made here is the one that stays. */
	isOursKept: boolean;
	/** The revision here that holds the superseded value; null when it is not here. */
	revision: string | null;
};

/** Directus keeps no bytes that were replaced. */
const BYTES = 'The bytes of a replaced file are not among the revisions: upload the other file again if you need it.';

/** Fields that are named one by one. */
const MOST_NAMED = 10;

/** @param remote the name of the instance that the other edits came from */
export function conflictComment(remote: string, conflicts: ToldConflict[]): string {
	const kept = conflicts.filter((each) => each.isOursKept);
	const replaced = conflicts.filter((each) => !each.isOursKept);
	return [
		...(replaced.length > 0 ? [replacedText(remote, replaced)] : []),
		...(kept.length > 0 ? [keptText(remote, kept)] : []),
		...(conflicts.some((each) => each.field === CONTENT) ? [BYTES] : []),
	].join('\n\n');
}

function replacedText(remote: string, conflicts: ToldConflict[]): string {
	const here = conflicts.filter((each) => each.revision !== null).slice(0, MOST_NAMED);
	const where = here.map((each) => `"${each.field}" in revision ${each.revision}`).join(', ');
	return (
		`Data Sync: ${names(conflicts)} ${was(conflicts)} edited here and on ${remote} at the same time. ` +
		`The later edit, the one on ${remote} (${latest(conflicts, 'winner')}), is kept everywhere; the one made here ` +
		`(${latest(conflicts, 'loser')}) is in the revisions of this item${where === '' ? '' : `: ${where}`}.`
	);
}

function keptText(remote: string, conflicts: ToldConflict[]): string {
	return (
		`Data Sync: ${names(conflicts)} ${was(conflicts)} edited here and on ${remote} at the same time. ` +
		`The later edit, the one made here (${latest(conflicts, 'winner')}), is kept everywhere; the one made on ${remote} ` +
		`(${latest(conflicts, 'loser')}) is in the revisions of this item there.`
	);
}

function names(conflicts: ToldConflict[]): string {
	const fields = [
		...new Set(conflicts.map((each) => (each.field === CONTENT ? 'the file itself' : `"${each.field}"`))),
	].sort();
	const named = fields.slice(0, MOST_NAMED);
	const rest = fields.length - named.length;
	return inWords(rest > 0 ? [...named, `${rest} more fields`] : named);
}

/** British, as it puts no comma before the "and": "a, b and c". */
const LIST = new Intl.ListFormat('en-GB');
export const inWords = (names: Iterable<string>): string => LIST.format(names);

const was = (conflicts: ToldConflict[]): string =>
	new Set(conflicts.map((each) => each.field)).size === 1 ? 'was' : 'were';

function latest(conflicts: ToldConflict[], which: 'winner' | 'loser'): string {
	const millis = Math.max(...conflicts.map((each) => timestampToMillis(each[which])));
	return `${new Date(millis).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
