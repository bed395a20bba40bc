/** Removes objects that no file needs: those that files have left, and uploads that nobody came back for. */
import { parse } from 'node:path';
import type { ApiExtensionContext, SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';
import { TABLES } from '../directus/tables.ts';
import { FILES } from '../replication/file-content.ts';
import type { ObjectRow, Place } from './objects.ts';
import { removeObjects } from './storage.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database' | 'logger'>;

/** How long bytes may wait for their row, in milliseconds. */
const STALE = 24 * 60 * 60 * 1000;
const MOST = 100;

/** Removes what is due, a part at a time. Never rejects: what can't be removed now is tried again next time. */
export async function sweep(context: Context, now = Date.now()): Promise<void> {
	const { database, logger } = context;

	try {
		const table = () => database<ObjectRow>(TABLES.files);
		await table()
			.where({ state: 'wanted' })
			.andWhere('at', '<', now - STALE)
			.delete();
		const due = (await table()
			.where({ state: 'obsolete' })
			.orWhere((old) => old.whereIn('state', ['writing', 'staged']).andWhere('at', '<', now - STALE))
			.orderBy('id')
			.limit(MOST)) as ObjectRow[];
		if (due.length === 0) return;
		const schema = await context.getSchema();
		for (const object of due) await removeIfUnused(context, schema, object);
	} catch (error) {
		logger.warn(`Data Sync: files that are not needed could not be removed yet: ${String(error)}`);
	}
}

/** While the file's row is locked, nobody can point it to the object that is being removed. */
async function removeIfUnused(context: Context, schema: SchemaOverview, object: ObjectRow): Promise<void> {
	const { file, storage, filename_disk } = object;

	await context.database.transaction(async (transaction) => {
		await transaction(FILES).select('id').where({ id: file }).forUpdate();

		if (storage && filename_disk) {
			const beginnings = await unusedBeginnings(transaction, object, { storage, filename_disk });
			if (beginnings.length > 0) await removeObjects(context, schema, transaction, storage, beginnings);
		}

		await transaction(TABLES.files).where({ id: object.id }).delete();
	});
}

/**
 * How the names of the object and of its thumbnails begin; objects are removed by that. Each is left out where the name of
 * another file's object begins so as well. What admins have put into folders is left alone: Directus looks for no name there.
 */
async function unusedBeginnings(knex: Knex, { id }: ObjectRow, { storage, filename_disk }: Place): Promise<string[]> {
	if (filename_disk.includes('/')) return [];
	const { name } = parse(filename_disk);
	const unused: string[] = [];

	for (const beginning of [filename_disk, `${name}__`]) {
		const waiting = knex(TABLES.files).whereNot({ id }).whereIn('state', ['writing', 'staged']);
		const found = [knex(FILES), waiting].map((query) => isAnyNamed(query, storage, beginning));
		if (!(await Promise.all(found)).includes(true)) unused.push(beginning);
	}

	return unused;
}

async function isAnyNamed(query: Knex.QueryBuilder, storage: string, beginning: string): Promise<boolean> {
	// A name's own `_` and `%` stand for anything here.
	const rows: { filename_disk: string }[] = await query
		.where({ storage })
		.andWhere('filename_disk', 'like', `${beginning}%`)
		.select('filename_disk');
	return rows.some(({ filename_disk }) => filename_disk.startsWith(beginning));
}
