/** Before the end-to-end tests: what they share is made once, here, so that no test's time limit pays for it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { whyBuild } from '../../scripts/freshness.mjs';
import { packedExtension, ROOT } from './extension.ts';
import { postgresTemplate } from './postgres.ts';
import { sqliteTemplate } from './template.ts';

export default async function setup(): Promise<void> {
	const reason = whyBuild(ROOT);
	if (reason) {
		console.log(`Building the extension: ${reason}`);
		await promisify(execFile)('npm', ['run', 'build'], { cwd: ROOT, shell: process.platform === 'win32' });
	}
	await packedExtension();
	await sqliteTemplate();
	await postgresTemplate();
}
