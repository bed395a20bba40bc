/**
 * Running a command that takes minutes and prints pages: its output goes to a log file, a line now and then says
 * that it is still at work, and the end of the log is shown when it fails. Without dependencies, see ready.mjs.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const PROGRESS_EVERY_MS = 15_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The process we wait for. It decides how to end on a signal; we end with it. */
let current;

export function forwardSignals() {
	for (const signal of SIGNALS) process.on(signal, () => forward(signal));
}

/** Runs a command to its end and gives its exit code, 128 + n when signal n ended it. */
export function run(root, [command, ...args], options = { stdio: 'inherit' }) {
	return new Promise((resolve) => {
		current = spawn(command, args, { cwd: root, ...options });
		current.once('error', (error) => {
			console.error(`Could not run ${command}: ${error.message}`);
			resolve(1);
		});
		current.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
	});
}

/** Announces `what`, runs the command with its output in a log file and gives its exit code. */
export async function runQuietly(root, what, command) {
	const logFolder = mkdtempSync(join(tmpdir(), 'data-sync-ready-'));
	const logFile = join(logFolder, 'output.log');
	const log = openSync(logFile, 'a');
	const started = Date.now();
	const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`;

	console.log(`${what} …`);
	const progress = setInterval(() => console.log(`  … still at it after ${elapsed()}`), PROGRESS_EVERY_MS);
	// On Windows npm is a script, which only a shell runs.
	const code = await run(root, command, { stdio: ['ignore', log, log], shell: process.platform === 'win32' });
	clearInterval(progress);
	closeSync(log);

	if (code !== 0) {
		const end = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-30);
		console.error(`\n${end.join('\n')}`);
		console.error(`\n"${command.join(' ')}" failed after ${elapsed()}. All it said is in ${logFile}`);
		return code;
	}
	console.log(`  done in ${elapsed()}`);
	rmSync(logFolder, { recursive: true, force: true });
	return 0;
}

function forward(signal) {
	if (!current || current.exitCode !== null || current.signalCode !== null) {
		process.exit(128 + constants.signals[signal]);
	}
	// Ctrl-C in a terminal reaches the whole group by itself; a second signal would cut its clean-up short.
	if (signal === 'SIGINT' && process.stdin.isTTY) return;
	current.kill(signal);
}
