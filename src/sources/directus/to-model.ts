/** The content model, read from Directus' schema. */
import type { SchemaOverview } from '@directus/types';
import { isSecret, toShape } from '../../content/directus/to-shape.ts';
import type { Model } from '../model.ts';

const known = new WeakMap<SchemaOverview, Model>();

/** One model per schema: what is read from the same schema again costs nothing. */
export function toModel(schema: SchemaOverview): Model {
	const model = known.get(schema) ?? read(schema);
	known.set(schema, model);
	return model;
}

function read(schema: SchemaOverview): Model {
	const collections = Object.values(schema.collections).map(({ collection, primary, fields }) => {
		const syncable = toShape(schema, collection)?.fields;
		const read = Object.entries(fields).map(([name, field]) => {
			const isAlias = field.alias === true;
			return [name, { isAlias, isSyncable: syncable?.has(name) === true, isSecret: isSecret(field) }] as const;
		});
		return [collection, { primaryKey: primary, fields: new Map(read) }] as const;
	});

	return {
		collections: new Map(collections),
		relations: schema.relations.map(({ collection, field, related_collection, meta }) => ({
			collection,
			field,
			to: related_collection,
			by: meta?.one_collection_field ?? null,
			allowed: meta?.one_allowed_collections ?? [],
			alias: meta?.one_field ?? null,
			junctionField: meta?.junction_field ?? null,
			sortField: meta?.sort_field ?? null,
		})),
	};
}
