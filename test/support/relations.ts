/** Relations as Data Studio makes them, with the alias fields, junctions and settings it would choose. */
import type { Item } from './api.ts';
import { autoIncrementKey, field, integer } from './fields.ts';
import type { Instance } from './instance.ts';

export type OnDelete = 'SET NULL' | 'CASCADE' | 'NO ACTION';

export type ManyToOne = {
	collection: string;
	field: string;
	to: string;
	/** The alias at the other end. */
	alias?: string;
	onDelete?: OnDelete;
	/** Of a junction's two relations: the other one's field. */
	junctionField?: string;
	sortField?: string;
};

/** Relates a column that is there already. */
export async function manyToOne(
	instance: Instance,
	{ collection, field, to, alias, onDelete = 'SET NULL', junctionField, sortField }: ManyToOne,
): Promise<void> {
	await instance.data('POST', '/relations', {
		collection,
		field,
		related_collection: to,
		schema: { on_delete: onDelete },
		meta: {
			one_field: alias ?? null,
			junction_field: junctionField ?? null,
			sort_field: sortField ?? null,
			one_deselect_action: 'nullify',
		},
	});
}

/** Adds an alias field: `special` is o2m, m2m, m2a, translations or files. */
export async function addAlias(instance: Instance, collection: string, name: string, special: string): Promise<void> {
	const kinds: Record<string, string> = { o2m: 'list-o2m', m2a: 'list-m2a', translations: 'translations' };
	const meta = { special: [special], interface: kinds[special] ?? 'list-m2m' };
	await instance.data('POST', `/fields/${collection}`, { field: name, type: 'alias', schema: null, meta });
}

export type ManyToMany = {
	from: string;
	/** The alias; its special is `translations` or `files` where it is one of those. */
	alias: string;
	special?: 'm2m' | 'files' | 'translations';
	to: string;
	junction: string;
	/** The junction's columns for the two ends. */
	near: Item;
	far: Item;
	/** Further columns of the junction. */
	fields?: Item[];
	onDelete?: OnDelete;
	sorted?: boolean;
};

/** A junction collection with counted keys, as the Studio makes it. */
export async function manyToMany(instance: Instance, options: ManyToMany): Promise<void> {
	const { from, alias, special = 'm2m', to, junction, near, far, fields = [], onDelete, sorted = false } = options;
	const columns = [autoIncrementKey(), near, far, ...(sorted ? [integer('sort', { hidden: true })] : []), ...fields];
	await instance.createCollection(junction, columns, { hidden: true, icon: 'import_export' });
	await addAlias(instance, from, alias, special);
	const [nearField, farField] = [String(near.field), String(far.field)];
	await manyToOne(instance, {
		collection: junction,
		field: nearField,
		to: from,
		alias,
		junctionField: farField,
		...(onDelete && { onDelete }),
		...(sorted && { sortField: 'sort' }),
	});
	await manyToOne(instance, {
		collection: junction,
		field: farField,
		to,
		junctionField: nearField,
		...(onDelete && { onDelete }),
	});
}

export type ManyToAny = {
	from: string;
	alias: string;
	junction: string;
	near: Item;
	/** The collections whose items may stand at the other end, named by the junction's columns `collection` and `item`. */
	allowed: string[];
	onDelete?: OnDelete;
};

/** A junction whose `item` refers to items of several collections. The database knows nothing of that reference. */
export async function manyToAny(instance: Instance, options: ManyToAny): Promise<void> {
	const { from, alias, junction, near, allowed, onDelete } = options;
	const hidden = { hidden: true };
	const columns = [
		autoIncrementKey(),
		near,
		field('item', 'string', hidden),
		field('collection', 'string', hidden),
		integer('sort', hidden),
	];
	await instance.createCollection(junction, columns, { hidden: true, icon: 'import_export' });
	await addAlias(instance, from, alias, 'm2a');
	await manyToOne(instance, {
		collection: junction,
		field: String(near.field),
		to: from,
		alias,
		junctionField: 'item',
		sortField: 'sort',
		...(onDelete && { onDelete }),
	});
	await instance.data('POST', '/relations', {
		collection: junction,
		field: 'item',
		related_collection: null,
		schema: null,
		meta: {
			one_collection_field: 'collection',
			one_allowed_collections: allowed,
			junction_field: near.field,
		},
	});
}
