/** Reads items by Directus' own service, with its rights, so that values come typed and decrypted alike everywhere. */
import type { ApiExtensionContext, Filter, SchemaOverview } from '@directus/types';
import { parseFilter } from '@directus/utils';
import type { Knex } from 'knex';
import type { CollectionShape, ItemsPort, Values } from '../delivery/ports.ts';
import { CONTENT } from '../replication/content.ts';
import { readContents } from './files/contents.ts';
import { toKey, toShape } from './shape.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;

export function createItems(context: Context): ItemsPort {
	const { database, getSchema } = context;

	return {
		shape: async (collection) => toShape(await getSchema(), collection),
		read: async (shape, items, fields) => readItems(context, await getSchema(), database, shape, items, fields),
		keys: async (shape, after, limit) => {
			const query = database(shape.collection).select(shape.primaryKey).orderBy(shape.primaryKey).limit(limit);
			const rows: Record<string, unknown>[] = await (after === null
				? query
				: query.where(shape.primaryKey, '>', toKey(shape, after)));
			return rows.map((row) => String(row[shape.primaryKey]));
		},
		matching: async (shape, items, filter) => {
			const service = new context.services.ItemsService(shape.collection, {
				knex: database,
				schema: await getSchema(),
				accountability: null,
			});
			const query = { filter: toRule(filter), fields: [shape.primaryKey], limit: -1 };
			const rows = await service.readMany(toKeys(shape, items), query, { emitEvents: false });
			return new Set(rows.map((row) => String(row[shape.primaryKey])));
		},
		find: async (shape, filter, after, limit) => {
			const service = new context.services.ItemsService(shape.collection, {
				knex: database,
				schema: await getSchema(),
				accountability: null,
			});
			const { primaryKey } = shape;
			const rest = after === null ? [] : [{ [primaryKey]: { _gt: toKey(shape, after) } }];
			const query = { filter: toRule({ _and: [filter, ...rest] }), fields: [primaryKey], sort: [primaryKey], limit };
			const rows = await service.readByQuery(query, { emitEvents: false });
			return rows.map((row) => String(row[primaryKey]));
		},
	};
}

/** As the REST API takes it: services don't resolve `$NOW`, and look at the first of several keys below the top only. */
const toRule = (filter: Record<string, unknown>): Filter => parseFilter(filter as Filter, null) ?? {};

/** Values of those items that exist, by key. */
export async function readItems(
	{ services }: Pick<Context, 'services'>,
	schema: SchemaOverview,
	knex: Knex,
	shape: CollectionShape,
	items: string[],
	fields: string[],
): Promise<Map<string, Values>> {
	const keys = toKeys(shape, items);
	if (keys.length === 0) return new Map();
	const service = new services.ItemsService(shape.collection, { knex, schema, accountability: null });
	const columns = fields.filter((field) => field !== CONTENT);
	const query = { fields: [shape.primaryKey, ...columns], limit: -1 };
	const rows = await service.readMany(keys, query, { emitEvents: false });
	const values = new Map(rows.map((row) => [String(row[shape.primaryKey]), row as Values]));
	return columns.length === fields.length ? values : withContents({ services }, schema, knex, values);
}

/** The same with the contents of the files, where they can be told. */
async function withContents(
	context: Pick<Context, 'services'>,
	schema: SchemaOverview,
	knex: Knex,
	values: Map<string, Values>,
): Promise<Map<string, Values>> {
	const contents = await readContents(context, schema, knex, [...values.keys()]);
	return new Map(
		[...values].map(([file, each]) => {
			const content = contents.get(file);
			return [file, content === undefined ? each : { ...each, [CONTENT]: content }];
		}),
	);
}

const toKeys = (shape: CollectionShape, items: string[]): (string | number)[] =>
	items.map((item) => toKey(shape, item)).filter((key) => key !== null);
