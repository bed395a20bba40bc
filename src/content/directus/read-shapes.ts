/** How collections look on this node, in what matters to a remote that sends to it. */
import type { ApiExtensionContext, Field, SchemaOverview } from '@directus/types';
import { readableSchema } from '../../directus/readable-schema.ts';
import { CONTENT, FILES } from '../../replication/file-content.ts';
import {
	type NodeField,
	type NodeShape,
	type PermissionAction,
	SHAPES_LIMITS,
	type ShapeRequest,
} from '../../wire/shapes.ts';
import { isSyncableCollection } from '../syncable.ts';
import { OWN_FILE_COLUMNS } from './file-columns.ts';
import { isSecret } from './to-shape.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;
type Overview = SchemaOverview['collections'][string];
/** By collection in which the asker has a permission, the actions whose permissions Directus ignores. */
export type Ignored = ReadonlyMap<string, PermissionAction[]>;

/** What stands for the bytes of a file. */
const BYTES: NodeField = {
	field: CONTENT,
	type: 'json',
	nullable: true,
	generated: false,
	secret: false,
	length: null,
	precision: null,
	scale: null,
};

/** Filled in by Directus where nobody sends a value. */
const FILLED = ['uuid', 'date-created', 'date-updated', 'user-created', 'user-updated', 'role-created', 'role-updated'];

/** Of those asked collections that exist and can be synced. */
export async function readShapes(
	{ services, getSchema, database }: Context,
	requests: readonly ShapeRequest[],
	ignored: Ignored,
): Promise<NodeShape[]> {
	const schema = await readableSchema(database, await getSchema());
	const columns = byCollection(await new services.FieldsService({ knex: database, schema }).readAll());

	return requests.flatMap(({ collection, fields }) => {
		if (!isSyncableCollection(collection) || !Object.hasOwn(schema.collections, collection)) return [];
		const overview = schema.collections[collection];
		const own = columns.get(collection) ?? new Map<string, Field>();
		return overview ? [toNodeShape(overview, own, fields, ignored.get(collection) ?? [])] : [];
	});
}

function toNodeShape(
	overview: Overview,
	columns: ReadonlyMap<string, Field>,
	asked: readonly string[],
	ignored: PermissionAction[],
): NodeShape {
	const key = overview.fields[overview.primary];
	const names = [...new Set(asked)].filter((name) => Object.hasOwn(overview.fields, name));
	return {
		collection: overview.collection,
		active: (overview as { status?: string }).status !== 'inactive',
		singleton: overview.singleton,
		key: {
			field: overview.primary,
			type: key?.type ?? 'unknown',
			counted: key?.defaultValue === 'AUTO_INCREMENT' && !overview.singleton,
			length: columns.get(overview.primary)?.schema?.max_length ?? null,
		},
		fields: [
			...names.flatMap((name) => toNodeField(overview.fields[name], columns.get(name))),
			...(overview.collection === FILES && asked.includes(CONTENT) ? [BYTES] : []),
		],
		required: Object.values(overview.fields)
			.filter((field) => field.field !== overview.primary && !asked.includes(field.field) && isRequired(field))
			.map(({ field }) => field)
			.filter((field) => overview.collection !== FILES || !OWN_FILE_COLUMNS.includes(field))
			.slice(0, SHAPES_LIMITS.required),
		ignored,
	};
}

function toNodeField(field: Overview['fields'][string] | undefined, column: Field | undefined): NodeField[] {
	if (!field) return [];
	return [
		{
			field: field.field,
			type: field.alias ? 'alias' : field.type,
			nullable: isNullable(field),
			generated: field.generated,
			secret: isSecret(field),
			length: positive(column?.schema?.max_length),
			precision: positive(column?.schema?.numeric_precision ?? field.precision),
			scale: column?.schema?.numeric_scale ?? field.scale,
		},
	];
}

/** As Directus decides when it validates a payload. */
const isNullable = ({ nullable, generated, special, alias }: Overview['fields'][string]): boolean =>
	alias || nullable || generated || FILLED.some((name) => special.includes(name));

const isRequired = (field: Overview['fields'][string]): boolean => !isNullable(field) && field.defaultValue === null;

/** Some databases say 0 or -1 for "no limit". */
const positive = (size: number | null | undefined): number | null => (size && size > 0 ? size : null);

function byCollection(fields: Field[]): Map<string, Map<string, Field>> {
	const found = new Map<string, Map<string, Field>>();
	for (const field of fields) {
		const columns = found.get(field.collection) ?? new Map<string, Field>();
		found.set(field.collection, columns.set(field.field, field));
	}
	return found;
}
