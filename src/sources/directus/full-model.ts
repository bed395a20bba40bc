/**
 * The content model with presentation fields (dividers, notices, groups), which Directus' schema leaves out: whoever
 * lists one is to be told so, instead of being told nothing.
 */
import type { SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';
import type { Model } from '../model.ts';
import { toModel } from './to-model.ts';

type FieldRow = { collection: string; field: string };

export async function readFullModel(schema: SchemaOverview, database: Knex): Promise<Model> {
	const model = toModel(schema);
	const rows: FieldRow[] = await database('directus_fields')
		.select('collection', 'field')
		.where('special', 'like', '%no-data%');
	const collections = new Map(model.collections);

	for (const { collection, field } of rows) {
		const known = collections.get(collection);
		if (!known || known.fields.has(field)) continue;
		const fields = new Map(known.fields).set(field, { isAlias: true, isSyncable: false });
		collections.set(collection, { ...known, fields });
	}

	return { ...model, collections };
}
