/**
 * A PostgreSQL with PostGIS for one instance, from two npm packages that hold both as WebAssembly: a machine needs nothing
 * of its own for it. Creating the extension and bootstrapping Directus is done once and kept, as with the other databases.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { DIRECTUS_VERSION, type Env } from './directus-process.ts';
import { startKeeper } from './keeper.ts';
import { freePort } from './ports.ts';
import { type PostgresConnection, postgresEnv, withKnex } from './postgres.ts';
import { bootstrapDatabase, recordOwner, TEMPLATE_FORMAT } from './template.ts';

export type Postgis = { connection: PostgresConnection; stop: () => Promise<void> };

/** Raise it with the versions of the packages: data folders are not for every one. */
const PACKAGES = '0.5.8 0.2.8';

/** Starts one on a copy of the bootstrapped template; its data is in `dataFolder`. */
export async function startPostgis(dataFolder: string): Promise<Postgis> {
	await cp(await postgisTemplate(), dataFolder, { recursive: true });
	return open(dataFolder);
}

/** Directus, too, must ask for one thing at a time, as it does on SQLite: a second connection would wait for the first. */
export function postgisEnv(connection: PostgresConnection): Env {
	return { ...postgresEnv(connection), DB_POOL__MIN: '0', DB_POOL__MAX: '1' };
}

function postgisTemplate(): Promise<string> {
	return cached('postgis', [DIRECTUS_VERSION, TEMPLATE_FORMAT, PACKAGES], async (folder) => {
		const work = await mkdtemp(join(tmpdir(), 'data-sync-bootstrap-'));
		try {
			const { connection, stop } = await open(folder);
			await withKnex(connection, (database) => database.raw('create extension postgis'));
			await bootstrapDatabase(work, postgisEnv(connection));
			await withKnex(connection, (database) => recordOwner(database));
			await stop();
		} finally {
			await rm(work, { recursive: true, force: true });
		}
	});
}

async function open(dataFolder: string): Promise<Postgis> {
	const port = await freePort();
	const { stop } = await startKeeper('PostgreSQL with PostGIS', './postgis-keeper.mjs', { dataFolder, port });
	return {
		connection: { host: '127.0.0.1', port, user: 'postgres', password: 'password', database: 'postgres' },
		stop,
	};
}
