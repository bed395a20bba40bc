/** Reads the documentation, and finds what in it is no longer true of the repository: links, paths, tests, the walk of a change. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { minimatch } from 'minimatch';
import { CHECK_CODES } from '../../src/check/codes.ts';
import { OUTCOMES, RESULT_CODES } from '../../src/wire/result.ts';

export type Documentation = {
	/** Markdown by path. */
	pages: ReadonlyMap<string, string>;
	/** The repository's files with their sizes in bytes. */
	files: ReadonlyMap<string, number>;
	/** The packages that package.json names. */
	packages: readonly string[];
};

export const RULES = [
	'a link leads to a file that exists',
	'an anchor exists',
	'a path in backticks exists',
	'a link that is named by a path leads there',
	'every page can be reached from the README',
	'invariants are numbered without gaps and name tests that exist',
	'a table of codes names all of them, and no others',
	'each dependency has a line that says what it is for',
	'the README has at most 900 words',
	'the README shows images that exist, each smaller than 200 kB',
	'the walk of a change names no file twice, except where it comes back',
] as const;
export type Rule = (typeof RULES)[number];

export type Fault = { rule: Rule; detail: string };

export const README = 'README.md';
export const INVARIANTS = 'docs/invariants.md';
export const DEPENDENCIES = 'docs/dependencies.md';
export const ARCHITECTURE = 'docs/architecture.md';
/** The heading of the walk. */
export const WALK = '## One change, file by file';

/** By page and heading: the names that the table there begins its rows with. */
export const TABLES: readonly { page: string; heading: string; names: readonly string[] }[] = [
	{
		page: 'docs/check.md',
		heading: '## Steps and codes',
		names: Object.entries(CHECK_CODES).flatMap(([step, codes]) => codes.map((code) => `${step} ${code}`)),
	},
	{ page: 'docs/operating.md', heading: '### Deliveries', names: RESULT_CODES },
	{ page: 'docs/protocol.md', heading: '## Results', names: OUTCOMES },
];

const FOLDERS = ['src', 'test', 'docs', 'scripts', 'demo', 'bench', 'soak'];
const PATH = new RegExp(`^((${FOLDERS.join('|')})/[\\w./*-]*|schema\\.ts)$`);
const MOST_WORDS = 900;
const LARGEST_IMAGE = 200_000;

export function readDocumentation(root: string): Documentation {
	const inFolders = FOLDERS.flatMap((folder) =>
		readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
	);
	const atRoot = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isFile());
	const paths = [...atRoot.map(({ name }) => name), ...inFolders];
	const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const isPage = (path: string) =>
		[README, 'CONTRIBUTING.md', 'SECURITY.md'].includes(path) || /^docs\/[^/]+\.md$/.test(path);
	return {
		pages: new Map(paths.filter(isPage).map((path) => [path, readFileSync(join(root, path), 'utf8')])),
		files: new Map(paths.map((path) => [path, statSync(join(root, path)).size])),
		packages: Object.keys({ ...dependencies, ...devDependencies }),
	};
}

export function findFaults(docs: Documentation): Fault[] {
	return [
		...[...docs.pages].flatMap(([path, text]) => [...ofLinks(docs, path, text), ...ofPaths(docs, path, text)]),
		...unreachable(docs),
		...ofInvariants(docs),
		...TABLES.flatMap((table) => ofTable(docs, table)),
		...ofDependencies(docs),
		...ofReadme(docs),
		...ofWalk(docs),
	];
}

type Link = { text: string; target: string };

const withoutBlocks = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, '');
const spansIn = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, span]) => span ?? []);
const pathsIn = (text: string): string[] => spansIn(text).filter((span) => PATH.test(span));

function linksIn(text: string): Link[] {
	const prose = withoutBlocks(text);
	const links = [...prose.matchAll(/!?\[([^\]]*)\]\(([^)\s]+)\)/g)];
	const sources = [...prose.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)];
	return [
		...links.map(([, name = '', target = '']) => ({ text: name, target })),
		...sources.map(([, target = '']) => ({ text: '', target })),
	].filter(({ target }) => !/^[a-z]+:/.test(target));
}

/** Where a relative link leads: a path from the repository's root, and an anchor. */
function resolve(page: string, target: string): { path: string; anchor: string | undefined } {
	const [path = '', anchor] = target.split('#');
	const folder = page.slice(0, page.lastIndexOf('/') + 1);
	return { path: path === '' ? page : normalize(folder + path), anchor };
}

function exists({ files }: Documentation, path: string): boolean {
	if (path.includes('*')) return [...files.keys()].some((file) => minimatch(file, path));
	const folder = path.endsWith('/') ? path : `${path}/`;
	return files.has(path) || [...files.keys()].some((file) => file.startsWith(folder));
}

function ofLinks(docs: Documentation, page: string, text: string): Fault[] {
	return linksIn(text).flatMap((link): Fault[] => {
		const { path, anchor } = resolve(page, link.target);
		const detail = `${page}: ${link.target}`;
		const named = pathsIn(link.text)[0];
		if (!exists(docs, path)) return [{ rule: 'a link leads to a file that exists', detail }];
		if (named !== undefined && named !== path) return [{ rule: 'a link that is named by a path leads there', detail }];
		const target = docs.pages.get(path);
		const isLost = anchor !== undefined && target !== undefined && !anchorsIn(target).has(anchor);
		return isLost ? [{ rule: 'an anchor exists', detail }] : [];
	});
}

/** As GitHub makes them of headings. */
function anchorsIn(text: string): ReadonlySet<string> {
	const anchors = new Set<string>();

	for (const [, heading = ''] of withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm)) {
		const kept = heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '');
		const slug = kept.trim().replaceAll(' ', '-');
		let anchor = slug;
		for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
		anchors.add(anchor);
	}

	return anchors;
}

const ofPaths = (docs: Documentation, page: string, text: string): Fault[] =>
	pathsIn(withoutBlocks(text))
		.filter((path) => !exists(docs, path))
		.map((path) => ({ rule: 'a path in backticks exists', detail: `${page}: ${path}` }));

function unreachable({ pages }: Documentation): Fault[] {
	const reached = new Set([README]);
	for (const page of reached) {
		for (const { target } of linksIn(pages.get(page) ?? '')) {
			const { path } = resolve(page, target);
			if (pages.has(path)) reached.add(path);
		}
	}
	return [...pages.keys()]
		.filter((page) => !reached.has(page))
		.map((detail) => ({ rule: 'every page can be reached from the README', detail }));
}

function ofInvariants(docs: Documentation): Fault[] {
	const rule = 'invariants are numbered without gaps and name tests that exist';
	const rows = [...(docs.pages.get(INVARIANTS) ?? '').matchAll(/^\| *(\d+) *\|.*$/gm)];
	if (rows.length === 0) return [{ rule, detail: 'there are none' }];
	return rows.flatMap(([row, number], index): Fault[] => {
		const tests = pathsIn(row.slice(row.lastIndexOf('|', row.length - 2))).filter((path) => path.startsWith('test/'));
		const isFine = Number(number) === index + 1 && tests.length > 0 && tests.every((path) => exists(docs, path));
		return isFine ? [] : [{ rule, detail: row }];
	});
}

function ofTable({ pages }: Documentation, { page, heading, names }: (typeof TABLES)[number]): Fault[] {
	const rows = [...under(pages.get(page) ?? '', heading).matchAll(/^((?:\| *`\w+` *)+)\|/gm)];
	const listed = rows.map(([, cells = '']) => spansIn(cells).join(' '));
	const differing = [
		...names.filter((name) => !listed.includes(name)),
		...listed.filter((name, index) => !names.includes(name) || listed.indexOf(name) < index),
	];
	return differing.map((name) => ({
		rule: 'a table of codes names all of them, and no others',
		detail: `${page}, ${heading}: ${name}`,
	}));
}

function ofDependencies({ pages, packages }: Documentation): Fault[] {
	const rows = [...(pages.get(DEPENDENCIES) ?? '').matchAll(/^\| `([^`]+)` *\| *[^ |]/gm)];
	const listed = rows.map(([, name = '']) => name);
	return [
		...packages.filter((name) => !listed.includes(name)),
		...listed.filter((name, index) => !packages.includes(name) || listed.indexOf(name) < index),
	].map((detail) => ({ rule: 'each dependency has a line that says what it is for', detail }));
}

/** What stands under a heading, up to the next one. */
function under(text: string, heading: string): string {
	const [, after = ''] = text.split(`${heading}\n`);
	const [part = ''] = after.split(/\n#+ /);
	return part;
}

function ofReadme({ pages, files }: Documentation): Fault[] {
	const text = pages.get(README) ?? '';
	const words = text.split(/\s+/).filter((each) => /[\p{L}\p{N}]/u.test(each)).length;
	const images = linksIn(text)
		.map(({ target }) => target)
		.filter((target) => /\.(png|jpg|svg|webp)$/.test(target));
	const isShown = (image: string) => (files.get(image) ?? Number.POSITIVE_INFINITY) < LARGEST_IMAGE;
	const unseen = images.length === 0 ? ['there are none'] : images.filter((image) => !isShown(image));
	return [
		...(words > MOST_WORDS ? [{ rule: 'the README has at most 900 words' as const, detail: `it has ${words}` }] : []),
		...unseen.map((detail) => ({
			rule: 'the README shows images that exist, each smaller than 200 kB' as const,
			detail,
		})),
	];
}

/** A reader who follows a change opens each file once, unless it says "(back in …)". */
function ofWalk({ pages }: Documentation): Fault[] {
	const rule = 'the walk of a change names no file twice, except where it comes back';
	const walk = under(pages.get(ARCHITECTURE) ?? '', WALK);
	const files = pathsIn(walk.replaceAll(/\(back in\s[^)]*\)/g, ''));
	if (files.length < 10) return [{ rule, detail: `it names ${files.length} files` }];
	return files.filter((file, index) => files.indexOf(file) < index).map((detail) => ({ rule, detail }));
}
