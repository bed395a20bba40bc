/**
 * npm test: lint, types, unit and end-to-end tests, all of them even when one fails, so that one run tells
 * everything. The last line is `N passed, N failed`: every test counts, and lint and types as one check each.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Count = { passed: number; failed: number };
type Outcome = { name: string; code: number; seconds: number; count: Count };
/** What we read of vitest's JSON report. */
type Report = {
	numPassedTests: number;
	numFailedTests: number;
	testResults: Array<{ status: string; assertionResults: unknown[] }>;
};

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'data-sync-test-'));
const outcomes: Outcome[] = [];
let current: ChildProcess | undefined;
let interrupted: NodeJS.Signals | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => {
		interrupted = signal;
		// Ctrl-C in a terminal reaches the step by itself.
		if (signal !== 'SIGINT' || !process.stdin.isTTY) current?.kill(signal);
	});
}

await check('Lint and format', 'node_modules/@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']);
await check('Types', 'node_modules/typescript/bin/tsc', ['--noEmit']);
await tests('Unit tests', 'unit');
await tests('End-to-end tests on real Directus', 'e2e');
rmSync(reports, { recursive: true, force: true });

heading('Summary');
for (const { name, code, seconds, count } of outcomes) {
	console.log(
		`${code === 0 ? 'ok    ' : 'FAILED'} ${name}: ${count.passed} passed, ${count.failed} failed, ${seconds} s`,
	);
}
const total = (key: keyof Count) => outcomes.reduce((sum, { count }) => sum + count[key], 0);
console.log(`\n${total('passed')} passed, ${total('failed')} failed`);
process.exitCode = outcomes.find(({ code }) => code !== 0)?.code ?? 0;

function check(name: string, script: string, args: string[]): Promise<void> {
	return step(name, [script, ...args], (code) => (code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }));
}

function tests(name: string, project: string): Promise<void> {
	const report = join(reports, `${project}.json`);
	const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
	return step(name, ['node_modules/vitest/vitest.mjs', ...args, ...process.argv.slice(2)], (code) =>
		countTests(report, code),
	);
}

async function step(name: string, args: string[], count: (code: number) => Count): Promise<void> {
	heading(name);
	const started = Date.now();
	const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
	current = child;
	const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? 1)));
	if (interrupted) process.exit(128 + constants.signals[interrupted]);
	outcomes.push({ name, code, seconds: Math.round((Date.now() - started) / 1000), count: count(code) });
}

/** A test file that does not load counts as one failure, as does a run that failed in any other way. */
function countTests(report: string, code: number): Count {
	const { numPassedTests, numFailedTests, testResults } = readReport(report);
	const notLoaded = testResults.filter(
		({ status, assertionResults }) => status === 'failed' && !assertionResults.length,
	);
	const failed = numFailedTests + notLoaded.length;
	return { passed: numPassedTests, failed: code !== 0 && failed === 0 ? 1 : failed };
}

function readReport(report: string): Report {
	try {
		return JSON.parse(readFileSync(report, 'utf8'));
	} catch {
		return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
	}
}

function heading(name: string): void {
	console.log(`\n=== ${name} ${'='.repeat(Math.max(4, 70 - name.length))}\n`);
}
