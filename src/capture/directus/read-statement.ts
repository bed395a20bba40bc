/** Reads from a statement that knex has run which items of which table it has written. */

export type Statement = { sql: string; bindings?: readonly unknown[] };

export type WrittenRows = {
	kind: 'insert' | 'update' | 'delete';
	table: string;
	/** Primary keys; null when the statement does not name its rows one by one. */
	keys: string[] | null;
	/** What an update sets; null otherwise, or when it can't be told. */
	columns: string[] | null;
};

export type Tables = {
	isContent(table: string): boolean;
	/** Null when it is not known. */
	primaryKeyOf(table: string): string | null;
};

const NAME = '[`"[]?([^`"\\]\\s(]+)[`"\\]]?';
const MARK = '(?:\\?|\\$\\d+|@p\\d+|:\\d+)';
const HEAD = new RegExp(`^\\s*(insert into|update|delete from)\\s+${NAME}(?=[\\s(;]|$)`, 'i');
const WHERE_KEYS = new RegExp(`\\swhere ${NAME} (?:= (${MARK})|in \\((${MARK}(?:, ${MARK})*)\\))$`, 'i');
const SET = /^\s*update\s+\S+\s+set (.*?)(?: where .*)?$/is;
const ASSIGNED = new RegExp(`(?:^|, )${NAME} = `, 'g');
const ONE_ROW = /^\s*insert into \S+ \(([^()]*)\) values \(([^()]*)\)(?! *,)/i;
const KINDS = { 'insert into': 'insert', update: 'update', 'delete from': 'delete' } as const;

/**
 * Null for a statement that writes no content.
 * @param response what knex gives for it: the keys of inserted rows, on most databases
 */
export function readStatement(
	statement: Statement,
	response: unknown,
	{ isContent, primaryKeyOf }: Tables,
): WrittenRows | null {
	const [, verb, table] = HEAD.exec(statement.sql) ?? [];
	if (!verb || !table || !isContent(table)) return null;
	const kind = KINDS[verb.toLowerCase() as keyof typeof KINDS];
	const primaryKey = primaryKeyOf(table);
	const keys =
		kind === 'insert'
			? (insertedKey(statement, primaryKey) ?? returnedKeys(response))
			: selectedKeys(statement, primaryKey);
	return { kind, table, keys, columns: kind === 'update' ? assignedColumns(statement) : null };
}

function selectedKeys({ sql, bindings = [] }: Statement, primaryKey: string | null): string[] | null {
	const [, column, one, many] = WHERE_KEYS.exec(sql) ?? [];
	if (!column || (primaryKey !== null && column !== primaryKey)) return null;
	return bindings.slice(one ? -1 : -(many?.split(', ').length ?? 0)).map(String);
}

function assignedColumns({ sql }: Statement): string[] | null {
	const assignments = SET.exec(sql)?.[1];
	if (!assignments) return null;
	return [...assignments.matchAll(ASSIGNED)].flatMap(([, column]) => column ?? []);
}

/** The key that the statement itself gives to its only row: not all databases return it. */
function insertedKey({ sql, bindings = [] }: Statement, primaryKey: string | null): string[] | null {
	const [, columns, values] = ONE_ROW.exec(sql) ?? [];
	const index = columns?.split(', ').findIndex((column) => column.slice(1, -1) === primaryKey) ?? -1;
	const marks = values?.split(', ').map((value) => new RegExp(`^${MARK}$`).test(value)) ?? [];
	if (!marks[index]) return null;
	const key = bindings[marks.slice(0, index).filter(Boolean).length];
	return isKey(key) ? [String(key)] : null;
}

/** As `returning` gives them: an object with the key alone for each row, or the key itself. */
function returnedKeys(response: unknown): string[] | null {
	if (!Array.isArray(response) || response.length === 0) return null;
	const keys = response.map((row: unknown) => {
		const values = typeof row === 'object' && row !== null ? Object.values(row) : [row];
		return values.length === 1 && isKey(values[0]) ? String(values[0]) : null;
	});
	return keys.every((key) => key !== null) ? keys : null;
}

const isKey = (value: unknown): boolean => ['string', 'number', 'bigint'].includes(typeof value);
