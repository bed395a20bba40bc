/**
 * The managed collections: those an admin works with in Data Studio. Directus' own services create them, so that
 * metadata, caches and plan limits are minded. A field that a later release adds is created in an existing collection.
 */
import type { ApiExtensionContext, Field, RawCollection, Relation, SchemaOverview } from '@directus/types';
import { COLLECTIONS, type CollectionDefinition, type FieldDefinition, RELATIONS } from '../../schema.ts';
import type { Missing } from './missing.ts';

const freshSchema = (context: ApiExtensionContext) => context.getSchema({ bypassCache: true });

/** The collections, or fields of them, that the database lacks. */
export async function missingCollections(context: ApiExtensionContext): Promise<Missing[]> {
	const schema = await freshSchema(context);
	const missing: Missing[] = [];

	for (const definition of COLLECTIONS) {
		const { collection } = definition;
		if (collection in schema.collections) missing.push(...(await missingFields(context, schema, definition)));
		else missing.push({ name: `collection ${collection}`, create: () => createCollection(context, definition) });
	}

	return missing;
}

/** The relations that the database lacks between collections it has. */
export async function missingRelations(context: ApiExtensionContext): Promise<Missing[]> {
	const schema = await freshSchema(context);
	const exists = (collection: string, field: string) =>
		schema.relations.some((relation) => relation.collection === collection && relation.field === field);

	return RELATIONS.filter(
		({ collection, field, related_collection }) =>
			schema.collections[collection]?.fields[field] !== undefined &&
			related_collection in schema.collections &&
			!exists(collection, field),
	).map((definition) => ({
		name: `relation ${definition.collection}.${definition.field}`,
		create: async () => {
			const { RelationsService } = context.services;
			const relations = new RelationsService({ knex: context.database, schema: await freshSchema(context) });
			await relations.createOne(structuredClone(definition) as unknown as Partial<Relation>);
			return undefined;
		},
	}));
}

async function missingFields(
	context: ApiExtensionContext,
	schema: SchemaOverview,
	{ collection, fields }: CollectionDefinition,
): Promise<Missing[]> {
	const { FieldsService } = context.services;
	const present = await new FieldsService({ knex: context.database, schema }).readAll(collection);
	const names = new Set(present.map(({ field }) => field));
	return fields
		.filter(({ field }) => !names.has(field))
		.map((field) => ({
			name: `field ${collection}.${field.field}`,
			create: () => createField(context, collection, field),
		}));
}

async function createCollection(context: ApiExtensionContext, definition: CollectionDefinition): Promise<undefined> {
	const { CollectionsService } = context.services;
	const collections = new CollectionsService({ knex: context.database, schema: await freshSchema(context) });
	// Directus writes into what it is handed.
	const { collection, meta, list, fields } = structuredClone(definition);
	const payload = { collection, meta, fields: fields.map(columned), schema: { name: collection } };
	await collections.createOne(payload as unknown as RawCollection);
	if (list) await createListPreset(context, collection, list);
}

/** Without it, the list would show the first four fields of the form. It is everyone's until they arrange their own. */
async function createListPreset(
	context: ApiExtensionContext,
	collection: string,
	{ columns, sort }: NonNullable<CollectionDefinition['list']>,
) {
	const { PresetsService } = context.services;
	const presets = new PresetsService({ knex: context.database, schema: await context.getSchema() });
	await presets.createOne({
		collection,
		layout: 'tabular',
		layout_query: { tabular: { fields: Object.keys(columns), sort: [sort], page: 1 } },
		layout_options: { tabular: { widths: columns } },
	});
}

/** The collection may hold rows by now: a column without a default has to allow null then. */
async function createField(
	context: ApiExtensionContext,
	collection: string,
	definition: FieldDefinition,
): Promise<undefined> {
	const { FieldsService } = context.services;
	const fields = new FieldsService({ knex: context.database, schema: await freshSchema(context) });
	const field = columned(structuredClone(definition));
	if (field.schema && field.schema.default_value === undefined) field.schema.is_nullable = true;
	await fields.createField(collection, field as unknown as Partial<Field> & Pick<Field, 'field' | 'type'>);
}

/** Directus creates a column where it finds `schema`; only an alias has none. */
function columned(field: FieldDefinition): FieldDefinition {
	return field.type === 'alias' ? field : { ...field, schema: field.schema ?? {} };
}
