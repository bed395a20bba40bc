/**
 * One real Directus for a test, the demo or the bench: a folder, a database copied from the bootstrapped
 * template, the packed extension, a port, a process. It can be stopped, killed and started again on the same
 * database and address, as real ones are.
 */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { Knex } from 'knex';
import knex from 'knex';
import { ADMIN } from './admin.ts';
import { type Api, createApi, type Item } from './api.ts';
import { endChild, forgetFolder, registerFolder } from './children.ts';
import { type Env, prepareFolder } from './directus-process.ts';
import { installExtension } from './extension.ts';
import { createDatabase, type DatabaseChoice } from './instance-database.ts';
import { instanceEnv } from './instance-env.ts';
import { freePort } from './ports.ts';
import { PortTakenError, startServer } from './server.ts';
import { waitFor } from './wait-for.ts';

export type InstanceOptions = {
	/** Shown in the Studio as the project's name and used in names of files. */
	name: string;
	database?: DatabaseChoice;
	/** Added to, or put in place of, the environment Directus is started with. */
	env?: Env;
	/** Whether to install our extension; default true. */
	extension?: boolean;
	/** Whether starting waits until `GET /data-sync/info` answers; default: when the extension is installed. */
	awaitSetup?: boolean;
	/** A port to insist on; any free one when left out. */
	port?: number;
	/** Called with the instance's folder before the first start, e.g. to add another extension. */
	prepare?: (directory: string) => Promise<void>;
};

export type Instance = Api & {
	readonly name: string;
	readonly url: string;
	readonly adminToken: string;
	readonly directory: string;
	/** What Directus is started with; changes count from the next start. */
	readonly env: Env;
	readonly logFile: string;
	readonly running: boolean;
	readonly pid: number | undefined;
	log: () => Promise<string>;
	/** Starts it (again) on the same database and address; resolves when it answers. */
	start: () => Promise<void>;
	/** Ends it as an operator would (SIGTERM) and waits for the end. */
	stop: () => Promise<void>;
	/** Ends it as a power cut would (SIGKILL) and waits for the end. */
	kill: () => Promise<void>;
	/** Ends it and removes its folder and its database. */
	destroy: () => Promise<void>;
	/** Runs raw SQL with `?` placeholders; gives the rows. */
	sql: <Row = Item>(query: string, parameters?: readonly Knex.Value[]) => Promise<Row[]>;
};

const PORT_ATTEMPTS = 5;

/** Creates an instance and starts it. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
	const instance = await createInstance(options);
	try {
		await instance.start();
	} catch (error) {
		const log = (await instance.log()).slice(-4000);
		await instance.destroy();
		throw new Error(`${options.name} did not start: ${error instanceof Error ? error.message : error}\n${log}`);
	}
	return instance;
}

/** Creates an instance without starting it. */
export async function createInstance(options: InstanceOptions): Promise<Instance> {
	const { name, extension = true, awaitSetup = extension } = options;
	const parent = await mkdtemp(join(tmpdir(), 'data-sync-'));
	registerFolder(parent);
	const directory = join(parent, name.replaceAll(/[^\w-]+/g, '-'));
	const logFile = join(directory, 'directus.log');
	for (const folder of ['extensions', 'uploads']) await mkdir(join(directory, folder), { recursive: true });
	await writeFile(logFile, '');
	await prepareFolder(directory);
	if (extension) await installExtension(directory);
	await options.prepare?.(directory);

	const database = await createDatabase(options.database ?? 'sqlite', directory, name);
	const env: Env = { SECRET: randomUUID(), ...database.env };
	const moveTo = (port: number) => Object.assign(env, instanceEnv(port), options.env);
	moveTo(options.port ?? (await freePort()));

	let child: ChildProcess | undefined;
	let connection: Knex | undefined;
	let portAttempts = options.port === undefined ? PORT_ATTEMPTS : 1;

	const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
	const url = () => env.PUBLIC_URL as string;
	const client = createApi(url, ADMIN.token);

	async function start(): Promise<void> {
		if (isRunning()) return;
		for (;;) {
			try {
				child = await startServer(directory, env, logFile);
				portAttempts = 1;
				break;
			} catch (error) {
				portAttempts -= 1;
				if (!(error instanceof PortTakenError) || portAttempts <= 0) throw error;
				moveTo(await freePort());
			}
		}
		await waitFor(`${name} to answer`, async () => (await client.api('GET', '/server/ping')).status === 200);
		if (awaitSetup) await waitFor(`the extension in ${name}`, () => hasExtension(client), { timeoutMs: 60_000 });
	}

	async function end(signal: NodeJS.Signals): Promise<void> {
		if (child) await endChild(child, signal);
		child = undefined;
	}

	async function destroy(): Promise<void> {
		await end('SIGKILL');
		await connection?.destroy();
		connection = undefined;
		await database.drop();
		if (process.env.KEEP_INSTANCES) return;
		await rm(parent, { recursive: true, force: true, maxRetries: 3 });
		forgetFolder(parent);
	}

	return {
		...client,
		name,
		adminToken: ADMIN.token,
		directory,
		env,
		logFile,
		get url() {
			return url();
		},
		get running() {
			return isRunning();
		},
		get pid() {
			return isRunning() ? child?.pid : undefined;
		},
		log: () => readFile(logFile, 'utf8'),
		start,
		stop: () => end('SIGTERM'),
		kill: () => end('SIGKILL'),
		destroy,
		sql: async <Row>(query: string, parameters: readonly Knex.Value[] = []) => {
			connection ??= knex(database.knex);
			// SQLite's driver gives the rows, PostgreSQL's an object that has them.
			const result = (await connection.raw(query, [...parameters])) as unknown as Row[] | { rows: Row[] };
			return Array.isArray(result) ? result : result.rows;
		},
	};
}

async function hasExtension(client: Api): Promise<boolean> {
	const answer = await client.api('GET', '/data-sync/info');
	if (answer.status === 200) return true;
	throw new Error(`GET /data-sync/info answered ${answer.status}: ${inspect(answer.body, { depth: 6 })}`);
}
