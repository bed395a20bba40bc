/**
 * On SQLite Directus makes geometry fields, but reads and writes them by functions that SQLite itself has not; then each read
 * of such a field fails, and with it that of every item and of all that waits behind it. Such fields are unknown to us.
 */
import type { SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';
import { dialectOf } from './dialects/index.ts';

type Collection = SchemaOverview['collections'][string];
type Field = Collection['fields'][string];

const known = new WeakMap<object, Promise<boolean>>();

/** The schema, with geometry fields of type `unknown` where the database can't read them. Theirs is not changed. */
export async function readableSchema(knex: Knex, schema: SchemaOverview): Promise<SchemaOverview> {
	if (await readsGeometry(knex)) return schema;
	return { ...schema, collections: mapValues(schema.collections, withoutGeometry) };
}

function withoutGeometry(collection: Collection): Collection {
	if (!Object.values(collection.fields).some(isGeometry)) return collection;
	return {
		...collection,
		fields: mapValues(collection.fields, (field) => (isGeometry(field) ? { ...field, type: 'unknown' } : field)),
	};
}

const isGeometry = ({ type }: Field): boolean => type.startsWith('geometry');

/** Asked once: extensions that add the functions do so when Directus starts. */
function readsGeometry(knex: Knex): Promise<boolean> {
	const asked = known.get(knex) ?? dialectOf(knex).readsGeometry(knex);
	known.set(knex, asked);
	asked.catch(() => known.delete(knex));
	return asked;
}

const mapValues = <T>(record: Record<string, T>, map: (value: T) => T): Record<string, T> =>
	Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
