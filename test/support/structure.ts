/** Reads a source tree for what holds its layout: rooms, imports, exports and sizes. See docs/architecture.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import ts from 'typescript';

export type SourceFile = { path: string; text: string };

type Import = { target: string; typeOnly: boolean };
type Parsed = { path: string; room: string; lines: number; code: string; imports: Import[]; exports: string[] };

export type Violation = { rule: Rule; detail: string };

export const RULES = [
	'a folder of src is a room of the list',
	'a room imports only what stands below it',
	'entries never import each other',
	'no imports in a circle',
	'only the edge knows Directus, knex, HTTP and Node',
	'only the edge knows time, randomness and the environment',
	'the Studio side takes types only',
	'no room holds more than 15 % of src',
	'no file has more than 250 lines',
	'no two files have one name',
	'no two exported things have one name',
	'lists and tables are gone through by chunks and pages',
	'what differs between databases stands with the dialects',
	'schema.ts imports nothing',
] as const;
export type Rule = (typeof RULES)[number];

/** What Directus loads. */
const ENTRIES = ['operations', 'endpoints', 'setup', 'studio', 'commands'];
/** From the top down: each may import what stands further below. */
const ORDER = [
	...ENTRIES,
	'start.ts',
	'engine',
	'check',
	'reconcile',
	'apply',
	'push',
	'capture',
	'feed',
	'link',
	'sources',
	'content',
	'files',
	'directus',
	'wire',
	'replication',
];
/** Its entry, the hook's, needs what start.ts has built. */
const CAPTURE_ENTRY = 'src/capture/index.ts';
/** Rooms that are an edge as a whole; in the others it is the folder `directus`. */
const EDGES = [...ENTRIES, 'start.ts', 'files', 'directus'];
const EDGE_PACKAGES = /^(@directus\/|knex$|undici$|node:|express$|vue$)/;
const IMPURE = /Date\.now\(|Math\.random\(|new Date\(\)|process\.env|setTimeout\(|setInterval\(/;
/** What the drivers of databases are called, and what they call their errors. */
const VENDOR = /client\.config|\bSQLITE_[A-Z]|\bER_[A-Z]{3}|\bsqlState\b/;
const DIALECTS = 'src/directus/dialects/';
/** A list taken apart by hand. */
const SLICING = /\.slice\((\w+), \1 \+/;
/** Names that say what a file is to its folder. */
const ROLES = /^(index|port|api|app)\.ts$/;
const LARGEST_ROOM = 0.15;
const LONGEST_FILE = 250;

/** All sources of the extension, by paths from the repository's root. */
export function readSources(root: string): SourceFile[] {
	const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && /\.(ts|vue)$/.test(entry.name))
		.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
	return [...sources, 'schema.ts'].sort().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

export function findViolations(sources: SourceFile[]): Violation[] {
	const files = sources.map(parse);
	const inSource = files.filter(({ path }) => path.startsWith('src/'));
	return [
		...inSource.flatMap(ofOneFile),
		...largestRooms(inSource),
		...circles(inSource),
		...twice(inSource, 'no two files have one name', ({ path }) => {
			const name = basename(path);
			return ROLES.test(name) ? [] : [name];
		}),
		...twice(files, 'no two exported things have one name', ({ exports }) => exports),
		...files
			.filter(({ path, imports }) => path === 'schema.ts' && imports.length > 0)
			.map(({ path }): Violation => ({ rule: 'schema.ts imports nothing', detail: path })),
	];
}

function parse({ path, text }: SourceFile): Parsed {
	const code = path.endsWith('.vue') ? (/<script[^>]*>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '') : text;
	const source = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true);
	const imports: Import[] = [];
	const exports: string[] = [];

	for (const statement of source.statements) {
		if (ts.isImportDeclaration(statement) || (ts.isExportDeclaration(statement) && statement.moduleSpecifier)) {
			const typeOnly = ts.isImportDeclaration(statement)
				? statement.importClause?.isTypeOnly === true
				: statement.isTypeOnly;
			const { text: target } = statement.moduleSpecifier as ts.StringLiteral;
			imports.push({ target: target.startsWith('.') ? normalize(join(dirname(path), target)) : target, typeOnly });
		} else exports.push(...exportedNames(statement));
	}

	return { path, room: roomOf(path), lines: text.trimEnd().split('\n').length, code, imports, exports };
}

function exportedNames(statement: ts.Statement): string[] {
	const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
	const has = (kind: ts.SyntaxKind) => modifiers.some((each) => each.kind === kind);
	if (!has(ts.SyntaxKind.ExportKeyword) || has(ts.SyntaxKind.DefaultKeyword)) return [];
	if (ts.isVariableStatement(statement)) {
		return statement.declarationList.declarations.map(({ name }) => name.getText());
	}
	const { name } = statement as ts.Statement & { name?: ts.Node };
	return name ? [name.getText()] : [];
}

const roomOf = (path: string): string => path.split('/')[1] ?? path;
const isOfSource = (target: string): boolean => target.startsWith('src/');
const isEdge = ({ path, room }: Parsed): boolean =>
	EDGES.includes(room) || path.includes('/directus/') || path === CAPTURE_ENTRY;
const isStudioSide = ({ path, room }: Parsed): boolean => room === 'studio' || path.endsWith('/app.ts');

function ofOneFile(file: Parsed): Violation[] {
	const { path, room, lines, code, imports } = file;
	const found: Violation[] = [];
	const violates = (rule: Rule, detail = path) => found.push({ rule, detail });

	if (!ORDER.includes(room)) violates('a folder of src is a room of the list');
	if (lines > LONGEST_FILE) violates('no file has more than 250 lines', `${path}: ${lines}`);

	for (const { target, typeOnly } of imports) {
		const detail = `${path} imports ${target}`;
		if (isStudioSide(file) && isOfSource(target) && !typeOnly && roomOf(target) !== room) {
			violates('the Studio side takes types only', detail);
		}
		if (!isEdge(file) && EDGE_PACKAGES.test(target)) {
			violates('only the edge knows Directus, knex, HTTP and Node', detail);
		}
		if (!isEdge(file) && isOfSource(target) && target.includes('/directus/') && roomOf(target) !== 'directus') {
			violates('only the edge knows Directus, knex, HTTP and Node', detail);
		}
		if (!isOfSource(target) || roomOf(target) === room) continue;
		if (ENTRIES.includes(room) && ENTRIES.includes(roomOf(target))) violates('entries never import each other', detail);
		const isBelow = ORDER.indexOf(roomOf(target)) > ORDER.indexOf(path === CAPTURE_ENTRY ? 'setup' : room);
		if (!isBelow) violates('a room imports only what stands below it', detail);
	}

	if (!isEdge(file) && IMPURE.test(code)) violates('only the edge knows time, randomness and the environment');
	if (SLICING.test(code)) violates('lists and tables are gone through by chunks and pages');
	if (!path.startsWith(DIALECTS) && VENDOR.test(code)) {
		violates('what differs between databases stands with the dialects');
	}
	return found;
}

function largestRooms(files: Parsed[]): Violation[] {
	const sizes = new Map<string, number>();
	for (const { room, lines } of files) sizes.set(room, (sizes.get(room) ?? 0) + lines);
	// The Studio has rooms of its own.
	sizes.delete('studio');
	const total = [...sizes.values()].reduce((sum, lines) => sum + lines, 0);
	return [...sizes]
		.filter(([, lines]) => lines > total * LARGEST_ROOM)
		.map(([room, lines]) => ({ rule: 'no room holds more than 15 % of src', detail: `${room}: ${lines} of ${total}` }));
}

/** A depth-first search that meets a file which it is still in. */
function circles(files: Parsed[]): Violation[] {
	const byPath = new Map(files.map((file) => [file.path, file]));
	const done = new Set<string>();
	const found: Violation[] = [];

	const visit = (path: string, way: string[]): void => {
		if (way.includes(path)) {
			const detail = [...way.slice(way.indexOf(path)), path].join(' → ');
			found.push({ rule: 'no imports in a circle', detail });
			return;
		}
		if (done.has(path)) return;
		for (const { target } of byPath.get(path)?.imports ?? []) if (byPath.has(target)) visit(target, [...way, path]);
		done.add(path);
	};

	for (const { path } of files) visit(path, []);
	return found;
}

function twice(files: Parsed[], rule: Rule, namesOf: (file: Parsed) => string[]): Violation[] {
	const places = new Map<string, string[]>();
	for (const file of files) {
		for (const name of namesOf(file)) places.set(name, [...(places.get(name) ?? []), file.path]);
	}
	return [...places]
		.filter(([, paths]) => paths.length > 1)
		.map(([name, paths]) => ({ rule, detail: `${name}: ${paths.join(', ')}` }));
}
