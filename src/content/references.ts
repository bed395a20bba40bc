/** Which items an item refers to, read from its values. */
import type { Json } from '../replication/digest.ts';
import type { CollectionShape, Ref } from './port.ts';

export type Referred = Ref & {
	/** The field that refers to the item. */
	field: string;
	/** Whether the field may be left empty. */
	nullable: boolean;
};

/** Every reference among the values that names an item. */
export function referencesOf(shape: CollectionShape, values: Readonly<Record<string, Json>>): Referred[] {
	const found: Referred[] = [];

	for (const [field, { to, by, nullable }] of shape.references) {
		const key = values[field];
		const collection = to ?? (by === null ? null : values[by]);
		if ((typeof key !== 'string' && typeof key !== 'number') || typeof collection !== 'string') continue;
		found.push({ field, collection, item: String(key), nullable });
	}

	return found;
}
