/** Starting a Directus server process and knowing when it listens: Directus itself reports it to its parent. */
import type { ChildProcess } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { endChild } from './children.ts';
import { type Env, spawnDirectus } from './directus-process.ts';

const START_TIMEOUT_MS = 120_000;

export class PortTakenError extends Error {
	override name = 'PortTakenError';
}

/** Resolves when the server listens; rejects with the end of its log when it ends before that. */
export async function startServer(folder: string, env: Env, logFile: string): Promise<ChildProcess> {
	const { size } = await stat(logFile);
	const child = spawnDirectus(['start'], folder, env, logFile);

	const outcome = await new Promise<'ready' | 'ended' | 'timeout'>((resolve) => {
		const timer = setTimeout(() => resolve('timeout'), START_TIMEOUT_MS);
		const settle = (result: 'ready' | 'ended') => {
			clearTimeout(timer);
			resolve(result);
		};
		child.on('message', (message) => message === 'ready' && settle('ready'));
		child.once('error', () => settle('ended'));
		child.once('exit', () => settle('ended'));
	});
	if (outcome === 'ready') return child;

	await endChild(child, 'SIGKILL');
	const log = (await readFile(logFile)).subarray(size).toString('utf8');
	if (/EADDRINUSE|is already in use/.test(log)) throw new PortTakenError(`Port ${env.PORT} is taken`);
	const reason = outcome === 'timeout' ? `was not up after ${START_TIMEOUT_MS} ms` : 'ended while starting';
	throw new Error(`Directus in ${folder} ${reason}:\n${log.slice(-4000)}`);
}
