/** What of a collection can be synced, read from Directus' schema. */
import type { SchemaOverview } from '@directus/types';
import { FILES } from '../../replication/file-content.ts';
import type { CollectionShape, FieldShape, SetOn } from '../port.ts';
import { isSyncableCollection } from '../syncable.ts';
import { toFileFields } from './file-columns.ts';

/** Stored under a key of this instance, or masked on every read: their values can't leave it. */
const SECRET = ['conceal', 'encrypt'];
export const isSecret = ({ special }: { special: string[] }): boolean => special.some((each) => SECRET.includes(each));

/** What databases do by themselves to the rows that refer to a deleted one. */
const CASCADES = new Set(['SET NULL', 'SET DEFAULT', 'CASCADE']);

const USERS = 'directus_users';
const UNREADABLE = new Set(['alias', 'unknown', 'binary']);

const SET_ON: Record<string, SetOn> = {
	'user-created': { kind: 'create', to: 'user' },
	'role-created': { kind: 'create', to: 'role' },
	'date-created': { kind: 'create', to: 'date' },
	'user-updated': { kind: 'update', to: 'user' },
	'role-updated': { kind: 'update', to: 'role' },
	'date-updated': { kind: 'update', to: 'date' },
};

export function toShape(schema: SchemaOverview, collection: string): CollectionShape | null {
	const overview = Object.hasOwn(schema.collections, collection) ? schema.collections[collection] : undefined;
	const key = overview?.fields[overview.primary];
	if (!overview || !key) return null;

	const fields = new Map<string, FieldShape>();
	const related = new Map(
		schema.relations
			.filter((relation) => relation.collection === collection)
			.map((relation) => [relation.field, relation.related_collection ?? undefined]),
	);

	for (const [name, field] of Object.entries(overview.fields)) {
		if (name === overview.primary || field.alias || UNREADABLE.has(field.type) || isSecret(field)) continue;
		fields.set(name, toFieldShape(field, related.get(name)));
	}

	return {
		collection,
		primaryKey: overview.primary,
		keyType: key.type,
		keyIsCounted: key.defaultValue === 'AUTO_INCREMENT' && !overview.singleton,
		keyIsCaseless: key.dbType === 'uuid',
		...(overview.singleton && { isSingleton: true }),
		fields: collection === FILES ? toFileFields(fields) : fields,
		references: new Map(
			schema.relations
				.filter((relation) => relation.collection === collection && fields.has(relation.field))
				.map(({ field, related_collection: to, meta, schema: key }) => {
					const by = to === null ? (meta?.one_collection_field ?? null) : null;
					const nullable = overview.fields[field]?.nullable !== false;
					return [field, { to, by, nullable, ...(key && { constrained: true }) }];
				}),
		),
		cascadesTo: schema.relations
			.filter(({ related_collection: to, schema: key }) => to === collection && CASCADES.has(key?.on_delete ?? ''))
			.filter((relation) => isSyncableCollection(relation.collection))
			.map(({ collection, field }) => ({ collection, field })),
	};
}

function toFieldShape({ type, special }: { type: string; special: string[] }, related: string | undefined): FieldShape {
	const setOn = special.map((each) => SET_ON[each]).find((each) => each !== undefined);
	return {
		type,
		...((related === USERS || setOn?.to === 'user') && { user: true }),
		...(setOn && { setOn }),
	};
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

export type Key = string | number;

/** The key as Directus' services take it; null when it can't be a key of this collection. */
export function toKey({ keyType, keyIsCaseless }: CollectionShape, item: string): Key | null {
	if (keyType === 'uuid') return isUuid(item) && !(keyIsCaseless && /[A-F]/.test(item)) ? item : null;
	if (keyType === 'integer') return /^(0|-?[1-9]\d{0,14})$/.test(item) ? Number(item) : null;
	if (keyType === 'bigInteger') return /^(0|-?[1-9]\d{0,18})$/.test(item) ? item : null;
	return item;
}
