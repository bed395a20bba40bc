/** The rows behind singletons: the name that all nodes have in common, and this node's key. */
import { randomUUID } from 'node:crypto';
import type { SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';
import type { Json } from '../../replication/digest.ts';
import type { CollectionShape, Values } from '../port.ts';
import { SINGLETON } from '../singleton.ts';
import type { Key } from './to-shape.ts';

type Named = Pick<CollectionShape, 'collection' | 'primaryKey'>;

/** The key of the row that Directus shows, the first one; null when there is none yet. */
export async function singletonKey(knex: Knex, { collection, primaryKey }: Named): Promise<Key | null> {
	const row = await knex(collection).orderBy(primaryKey).first(primaryKey);
	return row?.[primaryKey] ?? null;
}

/** A key for a row that is to be created; null where Directus or the database makes one. */
export function newSingletonKey(
	schema: SchemaOverview,
	{ collection, primaryKey, keyType }: CollectionShape,
): Key | null {
	const field = schema.collections[collection]?.fields[primaryKey];
	if (field?.special.includes('uuid') || field?.defaultValue === 'AUTO_INCREMENT') return null;
	if (keyType === 'uuid') return randomUUID();
	return keyType === 'integer' || keyType === 'bigInteger' ? 1 : collection;
}

/** A field that may refer to a singleton: of the collection `to`, or of the one that the column `by` names. */
type Reference = { field: string; to: string | null; by: string | null };

/** Those of the fields that may refer to a singleton. */
export function singletonReferences(schema: SchemaOverview, shape: CollectionShape, fields: string[]): Reference[] {
	const isAny = Object.values(schema.collections).some(({ singleton }) => singleton);
	if (!isAny) return [];
	return [...shape.references]
		.map(([field, { to, by }]) => ({ field, to, by }))
		.filter(({ field, to, by }) => fields.includes(field) && (to === null ? by !== null : isSingleton(schema, to)));
}

export type Singletons = {
	/** The values with the common name in place of this node's keys. */
	toNames(values: Values): Promise<Values>;
	/** The values with this node's keys in place of the common name; null where there is no such row. */
	toKeys(values: Values): Promise<Values>;
};

/** @param references what singletonReferences gave; the values have to hold the columns named by `by` */
export function createSingletons(knex: Knex, schema: SchemaOverview, references: Reference[]): Singletons {
	const keys = new Map<string, Promise<Key | null>>();

	const keyOf = (collection: string): Promise<Key | null> => {
		const primaryKey = schema.collections[collection]?.primary;
		const known = keys.get(collection);
		if (known) return known;
		const key = primaryKey ? singletonKey(knex, { collection, primaryKey }) : Promise.resolve(null);
		keys.set(collection, key);
		return key;
	};

	const map = async (values: Values, change: (value: Json, key: Key | null) => Json): Promise<Values> => {
		const mapped: Record<string, Json> = { ...values };

		for (const { field, to, by } of references) {
			const value = values[field];
			const target = to ?? (by === null ? null : values[by]);
			if (value === null || value === undefined || typeof target !== 'string') continue;
			if (isSingleton(schema, target)) mapped[field] = change(value, await keyOf(target));
		}

		return mapped;
	};

	return {
		toNames: (values) => map(values, (value, key) => (String(value) === String(key) ? SINGLETON : value)),
		toKeys: (values) => map(values, (value, key) => (value === SINGLETON ? key : value)),
	};
}

const isSingleton = (schema: SchemaOverview, collection: string): boolean =>
	Object.hasOwn(schema.collections, collection) && schema.collections[collection]?.singleton === true;
