/** Holds the layout of `src`: see "Rooms" in docs/architecture.md. Each rule is tried on a violation of it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findViolations, RULES, type Rule, readSources, type SourceFile } from './support/structure.ts';

const ROOT = join(import.meta.dirname, '..');
const sources = readSources(ROOT);

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `// ${index}`).join('\n');
const inRoom = (room: string, count: number): SourceFile[] =>
	Array.from({ length: Math.ceil(count / 200) }, (_, index) => ({
		path: `src/${room}/planted-${index}.ts`,
		text: lines(200),
	}));

/** For each rule files which, added to the tree, break it. */
const PLANTED: Record<Rule, SourceFile[]> = {
	'a folder of src is a room of the list': [{ path: 'src/utils/planted.ts', text: '' }],
	'a room imports only what stands below it': [
		{ path: 'src/feed/planted.ts', text: "import type { Attempt } from '../push/push-source.ts';" },
	],
	'entries never import each other': [
		{ path: 'src/setup/planted.ts', text: "import { authoriseAdmin } from '../endpoints/authorise.ts';" },
	],
	'no imports in a circle': [
		{ path: 'src/feed/planted-a.ts', text: "import { b } from './planted-b.ts';\nexport const a = () => b;" },
		{ path: 'src/feed/planted-b.ts', text: "import { a } from './planted-a.ts';\nexport const b = () => a;" },
	],
	'only the edge knows Directus, knex, HTTP and Node': [
		{ path: 'src/push/planted.ts', text: "import type { Knex } from 'knex';" },
	],
	'only the edge knows time, randomness and the environment': [
		{ path: 'src/link/planted.ts', text: 'export const planted = () => Date.now();' },
	],
	'the Studio side takes types only': [
		{
			path: 'src/operations/planted/app.ts',
			text: "import { backoff } from '../../push/backoff.ts';\nexport const planted = backoff;",
		},
	],
	'no room holds more than 15 % of src': inRoom('apply', sources.flatMap(({ text }) => text.split('\n')).length * 0.15),
	'no file has more than 250 lines': [{ path: 'src/feed/planted.ts', text: lines(251) }],
	'no two files have one name': [{ path: 'src/feed/push.ts', text: '' }],
	'no two exported things have one name': [
		{ path: 'src/feed/planted.ts', text: 'export type PushReport = Record<string, number>;' },
	],
	'lists and tables are gone through by chunks and pages': [
		{ path: 'src/feed/planted.ts', text: 'export const planted = (a: string[], at: number) => a.slice(at, at + 500);' },
	],
	'what differs between databases stands with the dialects': [
		{ path: 'src/feed/directus/planted.ts', text: "export const isBusy = (code: string) => code === 'SQLITE_BUSY';" },
	],
	'schema.ts imports nothing': [
		{ path: 'schema.ts', text: "import { FILES } from './src/replication/file-content.ts';" },
	],
};

describe('the layout', () => {
	test('is read at all', () => {
		expect(sources.length).toBeGreaterThan(150);
		expect(sources.some(({ text }) => text.includes('import '))).toBe(true);
	});

	test.each(RULES)('holds: %s', (rule) => {
		expect(findViolations(sources).filter((each) => each.rule === rule)).toEqual([]);
	});

	test.each(RULES)('is held by a test that notices where it does not: %s', (rule) => {
		const planted = PLANTED[rule];
		const others = sources.filter(({ path }) => planted.every((each) => each.path !== path));
		expect(findViolations([...others, ...planted]).map((each) => each.rule)).toContain(rule);
	});

	test('has its tests in the same rooms', () => {
		const rooms = readdirSync(join(ROOT, 'src'));
		const others = [
			'browser',
			'conformance',
			'docs.test.ts',
			'e2e',
			'lockfile.test.ts',
			'simulator',
			'structure.test.ts',
			'support',
		];
		expect(readdirSync(join(ROOT, 'test')).filter((name) => !rooms.includes(name) && !others.includes(name))).toEqual(
			[],
		);
	});
});
