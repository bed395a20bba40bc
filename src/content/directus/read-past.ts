/**
 * Reads items although Directus' read fails at one of them: a moment that is none, JSON nested deeper than its stack. Only
 * other programs write such values, but one of them must not keep all others from being read. What Directus can't read is
 * read past it, as the database has it. It is no value that a remote takes, so it is refused there, alone and by its name.
 */
import type { Item } from '@directus/types';
import type { Json } from '../../replication/digest.ts';
import { isFaultOfValue } from './fault-of-value.ts';
import type { Key } from './to-shape.ts';

/** An item by its name, with the key that it has here. */
export type ReadRow = { item: string; key: Key; row: Item };
export type ReadRows = (items: string[], fields: string[]) => Promise<ReadRow[]>;
/** One column of one item, by the database's driver. */
export type ReadColumn = (key: Key, field: string) => Promise<unknown>;

/** The rows of the items that exist, with these fields; by halves, until the items at fault are found. */
export async function readPast(
	read: ReadRows,
	readColumn: ReadColumn,
	items: string[],
	fields: string[],
): Promise<ReadRow[]> {
	try {
		return await read(items, fields);
	} catch (error) {
		if (!isFaultOfValue(error) || items.length === 0) throw error;
	}

	if (items.length === 1) return readByField(read, readColumn, items, fields);
	const half = Math.ceil(items.length / 2);
	const first = await readPast(read, readColumn, items.slice(0, half), fields);
	return [...first, ...(await readPast(read, readColumn, items.slice(half), fields))];
}

async function readByField(
	read: ReadRows,
	readColumn: ReadColumn,
	items: string[],
	fields: string[],
): Promise<ReadRow[]> {
	const found = await read(items, []);

	for (const { key, row } of found) {
		for (const field of fields) {
			try {
				row[field] = (await read(items, [field]))[0]?.row[field] ?? null;
			} catch (error) {
				if (!isFaultOfValue(error)) throw error;
				row[field] = toJson(await readColumn(key, field));
			}
		}
	}

	return found;
}

function toJson(value: unknown): Json {
	if (value === null || value === undefined) return null;
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
	if (Buffer.isBuffer(value)) return value.toString('hex');
	if (typeof value === 'object' || typeof value === 'boolean' || Number.isFinite(value)) return value as Json;
	const text = String(value);
	if (!/^\s*[[{]/.test(text)) return text;
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
