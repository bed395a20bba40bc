/**
 * The built extension the way a user gets it: packed by `npm pack`, unpacked into the extensions folder. So a
 * file missing from the package is noticed here, and nothing but the package is used.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cached } from './cache.ts';

const run = promisify(execFile);

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const EXTENSION_NAME = 'directus-extension-data-sync';
const WATCHED = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist/api.js', 'dist/app.js'];

/** The folder of the unpacked package, made once per build. */
export async function packedExtension(): Promise<string> {
	const contents = await Promise.all(WATCHED.map((file) => readFile(join(ROOT, file)).catch(() => Buffer.from(''))));
	const hash = createHash('sha256');
	for (const content of contents) hash.update(`${content.length}:`).update(content);

	return cached('extension', [hash.digest('hex')], async (folder) => {
		// Through a shell: on Windows npm is a script.
		await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
			cwd: ROOT,
			shell: process.platform === 'win32',
		});
		const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
		const tarball = `${EXTENSION_NAME}-${version}.tgz`;
		await run('tar', ['-xzf', tarball, '--strip-components=1'], { cwd: folder });
		await rm(join(folder, tarball));
	});
}

export async function installExtension(instanceFolder: string): Promise<void> {
	const destination = join(instanceFolder, 'extensions', EXTENSION_NAME);
	const source = await packedExtension();
	await rm(destination, { recursive: true, force: true });
	await cp(source, destination, { recursive: true });
}
