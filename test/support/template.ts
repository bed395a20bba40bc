/**
 * Bootstrapping a Directus takes seconds, copying a file takes none: one bootstrapped SQLite database is made
 * per Directus version and copied for every instance.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Knex } from 'knex';
import knex from 'knex';
import { ADMIN } from './admin.ts';
import { cached } from './cache.ts';
import { DIRECTUS_VERSION, type Env, prepareFolder, runDirectus } from './directus-process.ts';

/** Raise it when what is made here changes. */
export const TEMPLATE_FORMAT = '1';
const FILE = 'data.db';

/** What bootstrap installs: the system tables and our administrator. */
export async function bootstrapDatabase(folder: string, env: Env): Promise<void> {
	await prepareFolder(folder);
	await runDirectus(['bootstrap'], folder, {
		SECRET: 'only-used-to-bootstrap',
		ADMIN_EMAIL: ADMIN.email,
		ADMIN_PASSWORD: ADMIN.password,
		ADMIN_TOKEN: ADMIN.token,
		PROJECT_NAME: 'Template',
		...env,
	});
}

/** An owner on record keeps the Studio from asking the first visitor for one. */
export async function recordOwner(database: Knex): Promise<void> {
	await database('directus_settings').update({ project_owner: ADMIN.email });
}

/** The folder of the finished template; made by the first caller. */
export function sqliteTemplate(): Promise<string> {
	return cached('sqlite', [DIRECTUS_VERSION, TEMPLATE_FORMAT], async (folder) => {
		const filename = join(folder, FILE);
		await bootstrapDatabase(folder, { DB_CLIENT: 'sqlite3', DB_FILENAME: filename });

		const database = knex({ client: 'sqlite3', connection: { filename }, useNullAsDefault: true });
		await recordOwner(database).finally(() => database.destroy());
	});
}

export async function copySqliteTemplate(filename: string): Promise<void> {
	await copyFile(join(await sqliteTemplate(), FILE), filename);
}
