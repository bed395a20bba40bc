/**
 * The feed tables. They carry no Directus metadata, so knex creates them: they are ours alone, count towards no plan
 * limit and stay out of Data Studio.
 */
import type { ApiExtensionContext } from '@directus/types';
import { type ColumnDefinition, TABLE_DEFINITIONS, type TableDefinition } from '../../schema.ts';
import type { Dialect } from '../directus/dialects/dialect.ts';
import { dialectOf } from '../directus/dialects/index.ts';
import type { Missing } from './missing.ts';

type Database = ApiExtensionContext['database'];
type TableBuilder = Parameters<Parameters<Database['schema']['createTable']>[1]>[0];

/** The feed tables, or columns of them, that the database lacks. */
export async function missingTables({ database }: Pick<ApiExtensionContext, 'database'>): Promise<Missing[]> {
	const missing: Missing[] = [];

	for (const table of TABLE_DEFINITIONS) {
		if (!(await database.schema.hasTable(table.name))) {
			missing.push({ name: `table ${table.name}`, create: () => createTable(database, table) });
			continue;
		}

		const present = await database(table.name).columnInfo();
		for (const column of table.columns) {
			if (column.name in present) continue;
			missing.push({
				name: `column ${table.name}.${column.name}`,
				create: () => createColumn(database, table.name, column),
			});
		}
	}

	return missing;
}

async function createTable(
	database: Database,
	{ name, columns, primary, unique }: TableDefinition,
): Promise<undefined> {
	const { textType } = dialectOf(database);
	await database.transaction(async (transaction) => {
		await transaction.schema.createTable(name, (table) => {
			for (const column of columns) addColumn(table, column, textType);
			if (columns.some((column) => column.name === primary && column.type !== 'bigIncrements'))
				table.primary([primary]);
			if (unique) table.unique(unique);
		});
	});
}

/** The table may hold rows by now: a column without a default has to allow null then. */
async function createColumn(database: Database, tableName: string, column: ColumnDefinition): Promise<undefined> {
	const nullable = column.nullable === true || column.default === undefined;
	const { textType } = dialectOf(database);
	await database.schema.alterTable(tableName, (table) => addColumn(table, { ...column, nullable }, textType));
}

function addColumn(
	table: TableBuilder,
	{ name, type, length, nullable, default: value, index }: ColumnDefinition,
	textType: Dialect['textType'],
) {
	// It is the primary key, and everything else is said by its name.
	if (type === 'bigIncrements') return void table.bigIncrements(name);

	const column = type === 'text' ? table.text(name, textType) : table[type](name, length);
	if (nullable) column.nullable();
	else column.notNullable();
	if (value !== undefined) column.defaultTo(value);
	if (index) column.index();
}
