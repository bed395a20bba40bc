/**
 * Messages for people, kept short. They quote others: a database that repeats a value of a megabyte, field names by the
 * hundred. What to do stands at a message's end, so it is cut in the middle.
 */

/** Most characters of the message of one result. */
export const LONGEST_MESSAGE = 2000;

const GAP = ' … ';

/** The text with its middle left out where it is too long, and without U+0000, which PostgreSQL does not store. */
export function clip(text: string, longest: number = LONGEST_MESSAGE): string {
	const clean = text.replaceAll('\u0000', '\ufffd');
	if (clean.length <= longest) return clean;
	const room = longest - GAP.length;
	return `${clean.slice(0, Math.ceil(room / 2))}${GAP}${clean.slice(clean.length - Math.floor(room / 2))}`;
}
