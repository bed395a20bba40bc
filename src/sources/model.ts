/** The content model as far as listings and filters need it: which fields a collection has and where relations lead. */

export type ModelField = {
	/** It has no column: the other end of a relation. */
	isAlias: boolean;
	/** Its values can be sent: a column that is no key, and whose value is neither masked nor encrypted. */
	isSyncable: boolean;
	/** Its value is masked on every read, or encrypted under a key of this instance. */
	isSecret?: boolean;
};

export type ModelCollection = { primaryKey: string; fields: ReadonlyMap<string, ModelField> };

/** One column that refers to items of another collection, or of several. */
export type ModelRelation = {
	collection: string;
	field: string;
	/** The collection it refers to; null when each row says which, in the column `by`. */
	to: string | null;
	/** Many to any: the column that names the collection, and the collections that it may name. */
	by: string | null;
	allowed: string[];
	/** The alias field at the other end. */
	alias: string | null;
	/** Of a junction: the column that refers to the far end. */
	junctionField: string | null;
	/** The column of the manual order. */
	sortField: string | null;
};

export type Model = {
	collections: ReadonlyMap<string, ModelCollection>;
	relations: readonly ModelRelation[];
};

export const relationOf = (model: Model, collection: string, field: string): ModelRelation | undefined =>
	model.relations.find((relation) => relation.collection === collection && relation.field === field);

/** The relation that an alias field is the other end of. */
export const relationBehind = (model: Model, collection: string, alias: string): ModelRelation | undefined =>
	model.relations.find((relation) => relation.to === collection && relation.alias === alias);
