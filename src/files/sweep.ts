/** Removes objects that no file needs: those that files have left, and uploads that nobody came back for. */
import type { ApiExtensionContext, SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';
import { TABLES } from '../directus/tables.ts';
import { FILES } from '../replication/file-content.ts';
import type { ObjectRow, Place } from './objects.ts';
import { removeObject } from './storage.ts';

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

		if (storage && filename_disk && !(await isUsed(transaction, object, { storage, filename_disk }))) {
			await removeObject(context, schema, transaction, { storage, filename_disk });
		}

		await transaction(TABLES.files).where({ id: object.id }).delete();
	});
}

/**
 * Objects are removed by how their names begin. So one is left alone whose name others begin with, and one that does not
 * begin with the id of its file: admins choose such names, and they may mean more than this object.
 */
async function isUsed(knex: Knex, { id, file }: ObjectRow, { storage, filename_disk }: Place): Promise<boolean> {
	if (!filename_disk.startsWith(file) || filename_disk.includes('/')) return true;
	const bearing = (query: Knex.QueryBuilder) =>
		query.where({ storage }).andWhere('filename_disk', 'like', `${filename_disk}%`);
	if (await bearing(knex(FILES)).first('id')) return true;
	const waiting = knex(TABLES.files).whereNot({ id }).whereIn('state', ['writing', 'staged']);
	return (await bearing(waiting).first('id')) !== undefined;
}
