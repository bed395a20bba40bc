/**
 * node scripts/ready.mjs <entry.ts> [arguments]: makes each command enough by itself on a fresh checkout. It
 * installs the dependencies and builds the extension when that is due, says what it is doing while it takes its
 * minutes, then runs the entry. Plain JavaScript without dependencies: nothing may be installed yet.
 */
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { whyBuild, whyInstall } from './freshness.mjs';
import { forwardSignals, run, runQuietly } from './quiet-run.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MINIMUM = [20, 19];

forwardSignals();
process.exitCode = await main(process.argv.slice(2));

async function main([entry, ...passedOn]) {
	if (!entry) {
		console.error('Usage: node scripts/ready.mjs <entry.ts> [arguments]');
		return 1;
	}
	if (!isRecentNode()) {
		console.error(
			`This needs Node.js ${MINIMUM.join('.')} or later, and this is ${process.versions.node}. Install Node.js 22 from nodejs.org and run it again.`,
		);
		return 1;
	}
	return (
		(await install()) ||
		(await build()) ||
		run(ROOT, [process.execPath, '--import', 'tsx', join(ROOT, entry), ...passedOn])
	);
}

async function install() {
	const reason = whyInstall(ROOT);
	if (!reason) return 0;
	const what = `Installing dependencies: ${reason}. This takes 3 to 5 minutes, because one of them is compiled`;
	return runQuietly(ROOT, what, ['npm', 'ci', '--no-audit', '--no-fund']);
}

async function build() {
	const reason = whyBuild(ROOT);
	if (!reason) return 0;
	return runQuietly(ROOT, `Building the extension: ${reason}`, ['npm', 'run', 'build']);
}

function isRecentNode() {
	const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
	return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}
