/** The database of one instance: a copy of the bootstrapped template, how Directus and knex reach it, its removal. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Knex } from 'knex';
import knex from 'knex';
import type { Env } from './directus-process.ts';
import { postgisEnv, startPostgis } from './postgis.ts';
import { type Postgres, postgresEnv } from './postgres.ts';
import { copySqliteTemplate } from './template.ts';

export type DatabaseChoice = 'sqlite' | 'postgis' | { postgres: Postgres };

export type InstanceDatabase = { env: Env; knex: Knex.Config; drop: () => Promise<void> };

let created = 0;

export async function createDatabase(choice: DatabaseChoice, folder: string, name: string): Promise<InstanceDatabase> {
	const database = await copyTemplate(choice, folder, name);
	const connection = knex(database.knex);
	try {
		// What tells one project from another, and would be the same in every copy.
		await connection('directus_settings').update({ project_id: randomUUID(), project_name: name });
	} finally {
		await connection.destroy();
	}
	return database;
}

async function copyTemplate(choice: DatabaseChoice, folder: string, name: string): Promise<InstanceDatabase> {
	if (choice === 'sqlite') {
		const filename = join(folder, 'data.db');
		await copySqliteTemplate(filename);
		return {
			env: { DB_CLIENT: 'sqlite3', DB_FILENAME: filename },
			knex: { client: 'sqlite3', connection: { filename }, useNullAsDefault: true },
			drop: async () => {},
		};
	}

	if (choice === 'postgis') {
		const { connection, stop } = await startPostgis(join(folder, 'postgis'));
		return {
			env: postgisEnv(connection),
			knex: { client: 'pg', connection, pool: { min: 0, max: 1 } },
			drop: stop,
		};
	}

	const { postgres } = choice;
	created += 1;
	const database = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}_${created}`;
	const connection = await postgres.createDatabase(database);
	return {
		env: postgresEnv(connection),
		knex: { client: 'pg', connection, pool: { min: 0, max: 2 } },
		drop: () => postgres.dropDatabase(database),
	};
}
