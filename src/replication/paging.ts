/**
 * Going through lists and tables in parts, and how large a part may be. It stands in the lowest room because all others need it: the
 * pure stages go through what their ports list just as the Directus parts go through tables.
 */
import { chunk } from 'es-toolkit';

/**
 * Items that one query names, reads or writes. knex writes an insert of several rows on SQLite as a compound select, which may
 * have 500 terms. That many rows of our widest table also stay below the variables that a statement may have: 32,766 on SQLite,
 * 65,535 on PostgreSQL and MySQL.
 */
export const PAGE_SIZE = 500;
/** Rows of which few columns are read, to look through all of them. */
export const SCAN_SIZE = 2000;

/** A list in parts, for queries that name each of its members. */
export const chunks = <T>(list: readonly T[], size = PAGE_SIZE): T[][] => chunk(list, size);

export type PagesOptions<Key> = {
	/** Only what comes after that key. */
	after?: Key;
	size?: number;
};

/**
 * All that is read by key, a page at a time. A page that is not full is the last; none is empty. What is removed or added behind
 * the cursor meanwhile makes no difference, so pages may be worked on as they come.
 * @param read gives up to `limit` rows after a key, or from the beginning, in the order of their keys
 */
export async function* pages<Row, Key>(
	read: (after: Key | null, limit: number) => PromiseLike<Row[]>,
	keyOf: (row: Row) => Key,
	{ after = undefined, size = PAGE_SIZE }: PagesOptions<Key> = {},
): AsyncGenerator<Row[]> {
	let cursor: Key | null = after ?? null;

	for (;;) {
		const page = await read(cursor, size);
		const last = page.at(-1);
		if (last === undefined) return;
		yield page;
		if (page.length < size) return;
		cursor = keyOf(last);
	}
}
