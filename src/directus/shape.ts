/** What of a collection can be synced, read from Directus' schema. */
import type { SchemaOverview } from '@directus/types';
import type { CollectionShape, FieldShape } from '../delivery/ports.ts';
import { FILES } from '../replication/content.ts';
import { toFileFields } from './files/columns.ts';

/** Stored under a key of this instance, or masked on every read: their values can't leave it. */
const SECRET = ['conceal', 'encrypt'];
export const isSecret = ({ special }: { special: string[] }): boolean => special.some((each) => SECRET.includes(each));

const UNREADABLE = new Set(['alias', 'unknown', 'binary']);

export function toShape(schema: SchemaOverview, collection: string): CollectionShape | null {
	const overview = Object.hasOwn(schema.collections, collection) ? schema.collections[collection] : undefined;
	const key = overview?.fields[overview.primary];
	if (!overview || !key) return null;

	const fields = new Map<string, FieldShape>();

	for (const [name, field] of Object.entries(overview.fields)) {
		if (name === overview.primary || field.alias || UNREADABLE.has(field.type) || isSecret(field)) continue;
		fields.set(name, { type: field.type });
	}

	return {
		collection,
		primaryKey: overview.primary,
		keyType: key.type,
		keyIsCounted: key.defaultValue === 'AUTO_INCREMENT',
		fields: collection === FILES ? toFileFields(fields) : fields,
		references: new Map(
			schema.relations
				.filter((relation) => relation.collection === collection && fields.has(relation.field))
				.map(({ field, related_collection: to, meta }) => {
					const by = to === null ? (meta?.one_collection_field ?? null) : null;
					return [field, { to, by, nullable: overview.fields[field]?.nullable !== false }];
				}),
		),
	};
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The key as Directus' services take it; null when it can't be a key of this collection. */
export function toKey({ keyType }: CollectionShape, item: string): string | number | null {
	if (keyType === 'uuid') return UUID.test(item) ? item : null;
	if (keyType === 'integer') return /^-?\d{1,15}$/.test(item) ? Number(item) : null;
	if (keyType === 'bigInteger') return /^-?\d{1,19}$/.test(item) ? item : null;
	return item;
}
