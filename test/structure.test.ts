/** Holds the layout: imports run one way, and the pure core stays pure. See docs/architecture.md, "Where things live". */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** What each folder of src may import from, besides itself. */
const ALLOWED: Record<string, string[]> = {
	replication: [],
	delivery: ['replication'],
	directus: ['delivery', 'replication', 'schema'],
	capture: ['directus', 'delivery', 'replication', 'schema'],
	operations: ['directus', 'delivery', 'replication', 'schema'],
	endpoints: ['directus', 'delivery', 'replication', 'schema'],
	setup: ['directus', 'delivery', 'replication', 'schema'],
};

/** Packages that only the code at the edge may know. */
const EDGE_PACKAGES = /^(@directus\/|knex$|undici$|node:|express$|vue$)/;

type Import = { file: string; target: string; typeOnly: boolean };

const files = (folder: string): string[] =>
	readdirSync(folder).flatMap((name) => {
		const path = join(folder, name);
		if (statSync(path).isDirectory()) return files(path);
		return /\.(ts|vue)$/.test(name) ? [path] : [];
	});

function importsOf(file: string): Import[] {
	const source = readFileSync(file, 'utf8');
	return [...source.matchAll(/^\s*(?:import|export)\s(type\s)?[^;]*?from\s'([^']+)'/gm)].map((match) => ({
		file: relative(ROOT, file),
		target: match[2] ?? '',
		typeOnly: match[1] !== undefined,
	}));
}

/** The folder of src that a relative import leads to, `schema` for schema.ts; null for a package. */
function placeOf({ file, target }: Import): string | null {
	if (!target.startsWith('.')) return null;
	const path = normalize(join(dirname(file), target));
	if (path === 'schema.ts') return 'schema';
	if (path === 'package.json') return null;
	return path.split('/')[1] ?? path;
}

const imports = files(join(ROOT, 'src')).flatMap(importsOf);

describe('the layout', () => {
	test('is read at all', () => {
		expect(imports.length).toBeGreaterThan(100);
	});

	test.each(Object.keys(ALLOWED))('lets src/%s import only what lies below it', (folder) => {
		const wrong = imports
			.filter((each) => each.file.startsWith(`src/${folder}/`) && !each.file.endsWith('/app.ts'))
			.filter((each) => {
				const place = placeOf(each);
				return place !== null && place !== folder && !ALLOWED[folder]?.includes(place);
			});
		expect(wrong).toEqual([]);
	});

	test('has no other folders in src', () => {
		expect(readdirSync(join(ROOT, 'src')).filter((name) => !(name in ALLOWED))).toEqual([]);
	});

	test.each(['replication', 'delivery'])('keeps packages of the edge out of src/%s', (folder) => {
		const wrong = imports.filter((each) => each.file.startsWith(`src/${folder}/`) && EDGE_PACKAGES.test(each.target));
		expect(wrong).toEqual([]);
	});

	test('keeps the wall clock, randomness and the environment out of the core', () => {
		const impure = [...files(join(ROOT, 'src/replication')), ...files(join(ROOT, 'src/delivery'))].filter((file) =>
			/Date\.now\(|Math\.random\(|new Date\(\)|process\.env|setTimeout\(/.test(readFileSync(file, 'utf8')),
		);
		expect(impure).toEqual([]);
	});

	test('lets the Studio side of an entry take types only from the rest', () => {
		const wrong = imports.filter(
			(each) => /(^src\/studio\/|\/app\.ts$)/.test(each.file) && placeOf(each) !== null && !each.typeOnly,
		);
		expect(wrong.filter((each) => placeOf(each) !== 'studio')).toEqual([]);
	});

	test('leaves schema.ts without imports', () => {
		expect(importsOf(join(ROOT, 'schema.ts'))).toEqual([]);
	});
});
