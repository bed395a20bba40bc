/** Which items an item refers to, read from its values. */
import type { Json } from '../replication/digest.ts';
import type { CollectionShape, Ref } from './port.ts';

export type Referred = Ref & {
	/** The field that refers to the item. */
	field: string;
	/** Whether the field may be left empty. */
	nullable: boolean;
	/** Whether the database lets it refer to existing items only. */
	constrained: boolean;
};

/** A value that Directus would take for an item to be written along with this one. */
export const isNestedItem = (value: Json): boolean => typeof value === 'object' && value !== null;

/** Every reference among the values that names an item. */
export function referencesOf(shape: CollectionShape, values: Readonly<Record<string, Json>>): Referred[] {
	const found: Referred[] = [];

	for (const [field, { to, by, nullable, constrained = false }] of shape.references) {
		const key = values[field];
		const collection = to ?? (by === null ? null : values[by]);
		if ((typeof key !== 'string' && typeof key !== 'number') || typeof collection !== 'string') continue;
		found.push({ field, collection, item: String(key), nullable, constrained });
	}

	return found;
}
