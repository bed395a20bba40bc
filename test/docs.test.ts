/** Holds the documentation to the repository. Each rule is tried on a fault planted against it. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
	ARCHITECTURE,
	DEPENDENCIES,
	type Documentation,
	findFaults,
	INVARIANTS,
	README,
	RULES,
	type Rule,
	readDocumentation,
	TABLES,
	WALK,
} from './support/documentation.ts';

const docs = readDocumentation(join(import.meta.dirname, '..'));

const changed = (page: string, change: (text: string) => string): Documentation => ({
	...docs,
	pages: new Map(docs.pages).set(page, change(docs.pages.get(page) ?? '')),
});
const added = (page: string, text: string) => changed(page, (before) => `${before}\n${text}\n`);
const intoWalk = (text: string) => changed(ARCHITECTURE, (before) => before.replace(WALK, `${WALK}\n\n${text}`));
const withFiles = (change: (files: Map<string, number>) => void): Documentation => {
	const files = new Map(docs.files);
	change(files);
	return { ...docs, files };
};
const image = [...docs.files.keys()].find((path) => docs.pages.get(README)?.includes(`src="${path}"`)) ?? '';

/** For each rule faults, each of which it must notice. */
const PLANTED: Record<Rule, Documentation[]> = {
	'a link leads to a file that exists': [
		added(README, '[gone](docs/gone.md)'),
		added(ARCHITECTURE, '[gone](../src/gone.ts)'),
		added(README, '<a href="docs/gone.md">gone</a>'),
		withFiles((files) => files.delete('docs/sharing.md')),
	],
	'an anchor exists': [added(README, '[gone](docs/sharing.md#gone)'), added(ARCHITECTURE, '[gone](#gone)')],
	'a path in backticks exists': [
		added('CONTRIBUTING.md', 'See `src/gone`.'),
		added(ARCHITECTURE, 'See `test/e2e/gone-*.test.ts`.'),
		withFiles((files) => files.delete('schema.ts')),
	],
	'a link that is named by a path leads there': [added(ARCHITECTURE, '[`src/push/push.ts`](../src/push/compose.ts)')],
	'every page can be reached from the README': [added('docs/alone.md', '# Alone')],
	'invariants are numbered without gaps and name tests that exist': [
		added(INVARIANTS, '| 1000 | Numbers have no gaps. | `test/docs.test.ts` |'),
		changed(INVARIANTS, (text) => text.replace(/`test\/replication\/merge.test.ts`/, 'nothing')),
		changed(INVARIANTS, (text) => text.replace(/`test\/replication\/merge.test.ts`/, '`test/gone.test.ts`')),
		changed(INVARIANTS, () => '# Invariants'),
	],
	'a table of codes names all of them, and no others': [
		changed('docs/check.md', (text) => text.replace(/^\| `tls` .*$/m, '')),
		...TABLES.flatMap(({ page, heading }) => [
			changed(page, (text) => text.replace(heading, '## Another heading')),
			changed(page, (text) => text.replace(`${heading}\n`, `${heading}\n\n| \`gone\` | \`gone\` | error | Gone. |\n`)),
		]),
	],
	'each dependency has a line that says what it is for': [
		{ ...docs, packages: [...docs.packages, 'gone'] },
		{ ...docs, packages: docs.packages.slice(1) },
		changed(DEPENDENCIES, (text) => text.replace(/^\| `knex` *\| [^|]*/m, '| `knex` | ')),
	],
	'the README has at most 900 words': [added(README, 'word '.repeat(900))],
	'the README shows images that exist, each smaller than 200 kB': [
		changed(README, (text) => text.replaceAll('.png', '.gone')),
		changed(README, (text) => text.replaceAll('.png', '.svg')),
		withFiles((files) => files.set(image, 200_000)),
	],
	'the walk of a change names no file twice, except where it comes back': [
		intoWalk('0. `src/push/push.ts`, and later once more.'),
		changed(ARCHITECTURE, (text) => text.replace(WALK, '## Another heading')),
	],
};

describe('the documentation', () => {
	test('is read at all', () => {
		expect(docs.pages.size).toBeGreaterThan(8);
		expect(image).not.toBe('');
	});

	test.each(RULES)('holds: %s', (rule) => {
		expect(findFaults(docs).filter((each) => each.rule === rule)).toEqual([]);
	});

	test.each(RULES)('is held by a test that notices where it does not: %s', (rule) => {
		for (const planted of PLANTED[rule]) expect(findFaults(planted).map((each) => each.rule)).toContain(rule);
	});

	test('may come back to a file on the walk of a change', () => {
		expect(findFaults(intoWalk('0. The answer (back in `src/push/push.ts`).'))).toEqual(findFaults(docs));
	});
});
