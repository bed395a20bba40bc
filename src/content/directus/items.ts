/** Reads items by Directus' own service, with its rights, so that values come typed and decrypted alike everywhere. */
import type { ApiExtensionContext, Item, Query, SchemaOverview } from '@directus/types';
import { partition } from 'es-toolkit';
import type { Knex } from 'knex';
import type { ExactReads } from '../../directus/dialects/dialect.ts';
import { dialectOf } from '../../directus/dialects/index.ts';
import { readContents } from '../../files/contents.ts';
import { CONTENT } from '../../replication/file-content.ts';
import type { CollectionShape, ItemsPort, Values } from '../port.ts';
import { SINGLETON } from '../singleton.ts';
import { readEmails } from './find-users.ts';
import { type ReadColumn, type ReadRow, type ReadRows, readPast } from './read-past.ts';
import { createSingletons, singletonKey, singletonReferences } from './singleton-rows.ts';
import { type Key, toKey, toShape } from './to-shape.ts';
import { tryFilter, useFilter } from './use-filter.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;
type Services = Pick<ApiExtensionContext, 'services'>;

export function createItems(context: Context): ItemsPort {
	const { database, getSchema } = context;

	const matching: ItemsPort['matching'] = async (shape, items, filter) => {
		const schema = await getSchema();
		const rows = await useFilter(shape.collection, filter, (rule) =>
			readRows(context, schema, database, shape, items, { filter: rule, fields: [shape.primaryKey], limit: -1 }),
		);
		return new Set(rows.map(({ item }) => item));
	};

	return {
		shape: async (collection) => toShape(await getSchema(), collection),
		read: async (shape, items, fields) => readItems(context, await getSchema(), database, shape, items, fields),
		keys: async (shape, after, limit) => {
			if (shape.isSingleton) {
				const isThere = after === null && limit > 0 && (await singletonKey(database, shape)) !== null;
				return isThere ? [SINGLETON] : [];
			}
			const query = database(shape.collection)
				.select(keyColumn(database, shape))
				.orderBy(`${shape.collection}.${shape.primaryKey}`)
				.limit(limit);
			const rows: Item[] = await (after === null ? query : query.where(shape.primaryKey, '>', toKey(shape, after)));
			return rows.map((row) => String(row[shape.primaryKey]));
		},
		matching,
		find: async (shape, filter, after, limit) => {
			if (shape.isSingleton) return after === null ? [...(await matching(shape, [SINGLETON], filter))] : [];
			const service = new context.services.ItemsService(shape.collection, {
				knex: database,
				schema: await getSchema(),
				accountability: null,
			});
			const { primaryKey } = shape;
			const rest = after === null ? [] : [{ [primaryKey]: { _gt: toKey(shape, after) } }];
			const rows = await useFilter(shape.collection, { _and: [filter, ...rest] }, (rule) =>
				service.readByQuery({ filter: rule, fields: [primaryKey], sort: [primaryKey], limit }, { emitEvents: false }),
			);
			return rows.map((row) => String(row[primaryKey]));
		},
		tryFilter: async ({ collection }, filter) => tryFilter(context, await getSchema(), database, collection, filter),
		emails: (users) => readEmails(database, users),
	};
}

/** Values of those items that exist, by key. */
export async function readItems(
	context: Services,
	schema: SchemaOverview,
	knex: Knex,
	shape: CollectionShape,
	items: string[],
	fields: string[],
): Promise<Map<string, Values>> {
	const columns = fields.filter((field) => field !== CONTENT);
	const references = singletonReferences(schema, shape, columns);
	const by = references.flatMap((reference) => reference.by ?? []);
	const singletons = createSingletons(knex, schema, references);
	const values = new Map<string, Values>();
	const read: ReadRows = (some, names) => {
		const query = { fields: [shape.primaryKey, ...names], limit: -1 };
		return readRows(context, schema, knex, shape, some, query);
	};
	const readColumn: ReadColumn = async (key, field) =>
		(await knex(shape.collection).where(shape.primaryKey, key).first(field))?.[field];

	for (const { item, key, row } of await readPast(read, readColumn, items, [...new Set([...columns, ...by])])) {
		const exact = await readExactly(knex, shape, key, row);
		values.set(item, references.length === 0 ? exact : await singletons.toNames(exact));
	}

	return columns.length === fields.length ? values : withContents(context, schema, knex, values);
}

async function readExactly(knex: Knex, shape: CollectionShape, key: Key, values: Values): Promise<Values> {
	const { exact } = dialectOf(knex);
	if (exact === null) return values;
	const row = { table: shape.collection, primaryKey: shape.primaryKey, key };
	return exact.values(knex, row, values, (field) => shape.fields.get(field)?.type);
}

/** The same with the contents of the files, where they can be told. */
async function withContents(
	context: Services,
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

async function readRows(
	{ services }: Services,
	schema: SchemaOverview,
	knex: Knex,
	shape: CollectionShape,
	items: string[],
	query: Query,
): Promise<ReadRow[]> {
	const service = new services.ItemsService(shape.collection, { knex, schema, accountability: null });

	if (shape.isSingleton) {
		const key = items.includes(SINGLETON) ? await singletonKey(knex, shape) : null;
		const rows = key === null ? [] : await service.readMany([key], query, { emitEvents: false });
		return rows.map((row) => ({ item: SINGLETON, key: key ?? SINGLETON, row }));
	}

	const keys = items.map((item) => toKey(shape, item)).filter((key) => key !== null);
	const [unsafe, safe] = exactKeys(knex, shape) ? partition(keys, isUnsafe) : [[], keys];
	const found: ReadRow[] = [];

	if (safe.length > 0) {
		for (const row of await service.readMany(safe, query, { emitEvents: false })) {
			const key: Key = row[shape.primaryKey];
			found.push({ item: String(key), key, row });
		}
	}

	// By its key in the answer such an item could not be told from its neighbours.
	for (const key of unsafe) {
		for (const row of await service.readMany([key], query, { emitEvents: false }))
			found.push({ item: String(key), key, row });
	}

	return found;
}

/** What to select for the key, exactly. */
export const keyColumn = (knex: Knex, shape: CollectionShape): string | Knex.Raw =>
	exactKeys(knex, shape)?.(knex, shape.primaryKey) ?? shape.primaryKey;

/** How to read keys that Directus reads inexactly; null where it does not. */
const exactKeys = (knex: Knex, { keyType }: CollectionShape): ExactReads['key'] | null =>
	keyType === 'bigInteger' ? (dialectOf(knex).exact?.key ?? null) : null;

const isUnsafe = (key: Key): boolean => !Number.isSafeInteger(Number(key));
