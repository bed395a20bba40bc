/**
 * Running the Directus command line: the CLI's own entry without the wrapper that first asks a registry for
 * updates, an environment made from nothing (what the caller's shell or test runner has set must not reach it),
 * and everything it prints in a log file.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { registerChild } from './children.ts';

export type Env = Record<string, string>;

const require = createRequire(import.meta.url);
const directusManifest = require.resolve('directus/package.json');
const CLI = createRequire(directusManifest).resolve('@directus/api/cli/run.js');
const EXIT_WITH_PARENT = new URL('./exit-with-parent.mjs', import.meta.url).href;
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot', 'LANG', 'TZ'];

export const DIRECTUS_VERSION: string = require(directusManifest).version;

/** Directus insists on a package.json in its working directory. */
export async function prepareFolder(folder: string): Promise<void> {
	await writeFile(join(folder, 'package.json'), '{ "name": "instance", "private": true, "type": "module" }\n');
}

/** Starts a Directus command in `folder`; its output is appended to `logFile`. */
export function spawnDirectus(args: string[], folder: string, env: Env, logFile: string): ChildProcess {
	const log = openSync(logFile, 'a');
	try {
		const child = spawn(process.execPath, ['--import', EXIT_WITH_PARENT, CLI, ...args], {
			cwd: folder,
			env: { ...inherited(), NODE_ENV: 'production', TELEMETRY: 'false', LOG_LEVEL: 'warn', ...env },
			stdio: ['ignore', log, log, 'ipc'],
		});
		registerChild(child);
		return child;
	} finally {
		closeSync(log);
	}
}

/** Runs a Directus command to its end; a failure carries the end of its output. */
export async function runDirectus(args: string[], folder: string, env: Env): Promise<void> {
	const logFile = join(folder, 'cli.log');
	const child = spawnDirectus(args, folder, env, logFile);
	const code = await new Promise<number | null>((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', resolve);
	});
	if (code === 0) return;
	throw new Error(`directus ${args.join(' ')} ended with ${code}:\n${(await readFile(logFile, 'utf8')).slice(-4000)}`);
}

function inherited(): Env {
	const pairs = INHERITED.map((key): [string, string | undefined] => [key, process.env[key]]);
	return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
