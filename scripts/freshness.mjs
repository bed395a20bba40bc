/**
 * Whether dependencies or the build are behind what is checked out. Plain JavaScript without dependencies: it
 * is asked before anything is installed.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const BUILD_INPUTS = ['src', 'schema.ts', 'package.json', 'tsconfig.json'];
const BUILD_OUTPUTS = ['dist/app.js', 'dist/api.js'];

/** Why dependencies have to be installed, as a short clause, or null. */
export function whyInstall(root) {
	const installedLock = join(root, 'node_modules/.package-lock.json');
	const lock = join(root, 'package-lock.json');
	if (!existsSync(installedLock)) return 'they are not installed yet';
	if (!existsSync(lock)) return null;
	if (mtime(installedLock) >= mtime(lock)) return null;
	// npm writes both files when it installs, in either order, and a checkout touches the lockfile: compare.
	return sameVersions(packages(lock), packages(installedLock)) ? null : 'package-lock.json has changed';
}

/** Why the extension has to be built, as a short clause, or null. */
export function whyBuild(root) {
	const outputs = BUILD_OUTPUTS.map((path) => join(root, path));
	if (!outputs.every((path) => existsSync(path))) return 'there is no build yet';
	const newest = Math.max(...BUILD_INPUTS.map((path) => newestUnder(join(root, path))));
	const oldest = Math.min(...outputs.map(mtime));
	return newest > oldest ? 'the sources have changed' : null;
}

function sameVersions(wanted, installed) {
	return Object.entries(wanted).every(([path, entry]) => {
		if (path === '') return true;
		// Packages for other systems are left out of an installation.
		if (!installed[path]) return Boolean(entry.optional || entry.devOptional || entry.peer);
		return installed[path].version === entry.version;
	});
}

function packages(lockfile) {
	return JSON.parse(readFileSync(lockfile, 'utf8')).packages ?? {};
}

/** A folder's own time counts: it changes when a file in it is added or removed. */
function newestUnder(path) {
	if (!existsSync(path)) return 0;
	const own = statSync(path);
	if (!own.isDirectory()) return own.mtimeMs;
	return Math.max(own.mtimeMs, ...readdirSync(path).map((entry) => newestUnder(join(path, entry))));
}

function mtime(path) {
	return statSync(path).mtimeMs;
}
