/**
 * What we know of objects in this instance's storage, in `data_sync_files`. An object's state is one of:
 * wanted:   bytes that apply would take and has asked for; there is no object yet;
 * writing:  bytes are being received under that name;
 * staged:   they have arrived, checked, and wait for apply to point the file's row to them;
 * used:     a file's row points to it; here to remember its hash;
 * obsolete: no row points to it any more; it is to be removed.
 */
import type { Knex } from 'knex';
import { type BigInt64, TABLES } from '../directus/tables.ts';
import type { Content } from '../replication/file-content.ts';
import { chunks } from '../replication/paging.ts';

export type ObjectState = 'wanted' | 'writing' | 'staged' | 'used' | 'obsolete';

export type ObjectRow = {
	id: BigInt64;
	/** The id of the item of `directus_files`. */
	file: string;
	state: ObjectState;
	hash: string | null;
	size: BigInt64 | null;
	type: string | null;
	/** Of its name, with the dot. */
	extension: string | null;
	storage: string | null;
	filename_disk: string | null;
	/** What tells the object's bytes from others that had the same name before. */
	version: string | null;
	/** Milliseconds; when it got that state. */
	at: BigInt64;
};

export type Place = { storage: string; filename_disk: string };

const table = (knex: Knex) => knex<ObjectRow>(TABLES.files);

export async function findUsed(knex: Knex, files: string[]): Promise<ObjectRow[]> {
	const rows: ObjectRow[] = [];

	for (const part of chunks(files)) {
		rows.push(...((await table(knex).where({ state: 'used' }).whereIn('file', part)) as ObjectRow[]));
	}

	return rows;
}

/** Remembers the hash of the object that a file's row points to, in place of any it pointed to before. */
export async function rememberUsed(
	knex: Knex,
	file: string,
	{ storage, filename_disk }: Place,
	known: { hash: string; size: number; version: string },
): Promise<void> {
	await table(knex).where({ file, state: 'used' }).delete();
	await table(knex).insert({ file, state: 'used', storage, filename_disk, ...known, at: Date.now() });
}

/** Notes that a sender may bring these bytes. */
export async function want(
	knex: Knex,
	file: string,
	{ hash, size, type }: Content,
	extension: string | null,
): Promise<void> {
	const asked = { file, hash, state: 'wanted' } as const;
	const again = await table(knex).where(asked).update({ size, type, extension, at: Date.now() });
	if (again === 0) await table(knex).insert({ ...asked, size, type, extension, at: Date.now() });
}

/** The latest with that hash; the latest because an object may have got lost since. */
export async function findObject(
	knex: Knex,
	file: string,
	hash: string,
	state: 'wanted' | 'staged',
): Promise<ObjectRow | null> {
	const row = await table(knex).where({ file, hash, state }).orderBy('id', 'desc').first();
	return (row as ObjectRow | undefined) ?? null;
}

/** Notes an object before its first byte, so that what is left of it is found, whatever happens. */
export async function noteWriting(knex: Knex, file: string, hash: string, place: Place): Promise<void> {
	await table(knex).insert({ file, hash, state: 'writing', ...place, at: Date.now() });
}

export async function noteStaged(knex: Knex, file: string, place: Place): Promise<void> {
	await table(knex)
		.where({ file, state: 'writing', ...place })
		.update({ state: 'staged', at: Date.now() });
}

/** A file's row points to that staged object now: nothing more is wanted of this content. */
export async function forgetStaged(knex: Knex, file: string, hash: string, taken: Place): Promise<void> {
	await table(knex).where({ file, hash, state: 'wanted' }).delete();
	await table(knex)
		.where({ file, state: 'staged', ...taken })
		.delete();
	await table(knex).where({ file, hash, state: 'staged' }).update({ state: 'obsolete' });
}

export async function noteObsolete(knex: Knex, file: string, place: Place): Promise<void> {
	await table(knex).insert({ file, state: 'obsolete', ...place, at: Date.now() });
}
