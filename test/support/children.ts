/**
 * No process outlives its starter: every child is remembered here and killed by its own pid when this process
 * ends, however it ends. Children that are ours (see exit-with-parent.mjs) notice even a SIGKILL of the parent.
 */
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';

const children = new Set<ChildProcess>();
const folders = new Set<string>();
let watching = false;

export function registerChild(child: ChildProcess): void {
	watch();
	children.add(child);
	child.once('exit', () => children.delete(child));
}

/** Removes a temporary folder at exit, unless KEEP_INSTANCES is set (to look into logs and databases). */
export function registerFolder(folder: string): void {
	watch();
	folders.add(folder);
}

export function forgetFolder(folder: string): void {
	folders.delete(folder);
}

/** Asks the child to end, insists after the grace time, and resolves when it is gone. */
export async function endChild(child: ChildProcess, signal: NodeJS.Signals, graceMs = 10_000): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	child.kill(signal);
	const insist = setTimeout(() => child.kill('SIGKILL'), graceMs);
	await gone;
	clearTimeout(insist);
}

function watch(): void {
	if (watching) return;
	watching = true;
	process.on('exit', cleanUp);

	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		const onSignal = () => {
			// Someone else handles it too and will end the process when done; the exit hook cleans up then.
			if (process.listenerCount(signal) > 1) return;
			process.exit(128 + constants.signals[signal]);
		};
		process.on(signal, onSignal);
	}
}

function cleanUp(): void {
	for (const child of children) child.kill('SIGKILL');
	if (process.env.KEEP_INSTANCES) return;
	for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
