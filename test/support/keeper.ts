/**
 * A keeper is a process of ours that keeps one database running: it is told what to keep in its only argument, reports
 * "ready", and ends, leaving nothing behind, as soon as the channel to its parent closes.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { endChild } from './children.ts';

export type Keeper = { stop: () => Promise<void> };

/** @param script beside this file */
export async function startKeeper(what: string, script: string, options: unknown): Promise<Keeper> {
	// Not registered to be killed at exit: that would orphan what it keeps, and it notices the end by itself.
	const keeper = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(options)], {
		execArgv: [],
		env: withoutNodeOptions(),
	});
	await whenReady(what, keeper);
	return { stop: () => stopKeeper(keeper) };
}

function whenReady(what: string, keeper: ChildProcess): Promise<void> {
	return new Promise((resolve, reject) => {
		keeper.once('message', (message: { ready?: boolean; error?: string }) => {
			if (message.ready) return resolve();
			keeper.disconnect();
			reject(new Error(`${what} did not start: ${message.error}`));
		});
		keeper.once('exit', (code) => reject(new Error(`${what} ended with ${code} while starting`)));
	});
}

async function stopKeeper(keeper: ChildProcess): Promise<void> {
	if (keeper.exitCode !== null || keeper.signalCode !== null) return;
	const gone = new Promise<void>((resolve) => keeper.once('exit', () => resolve()));
	if (keeper.connected) keeper.disconnect();
	const insist = setTimeout(() => void endChild(keeper, 'SIGKILL'), 20_000);
	await gone;
	clearTimeout(insist);
}

function withoutNodeOptions(): NodeJS.ProcessEnv {
	const { NODE_OPTIONS: _, ...env } = process.env;
	return env;
}
