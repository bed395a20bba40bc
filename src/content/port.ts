import type { Json } from '../replication/digest.ts';

/** The name of an item: its collection and its primary key as text. */
export type Ref = { collection: string; item: string };

export type FieldShape = {
	/** The Directus type. */
	type: string;
	/** It holds the id of a user. */
	user?: true;
	/** Directus sets it itself on such a write, whatever it is given. */
	setOn?: SetOn;
};

export type SetOn = { kind: 'create' | 'update'; to: 'user' | 'role' | 'date' };

export type CollectionShape = {
	collection: string;
	primaryKey: string;
	keyType: string;
	/** Each node counts this key up by itself, so two nodes can give one key to different items. */
	keyIsCounted: boolean;
	/** The database takes a UUID with capital letters for the same key, and gives it back without. */
	keyIsCaseless?: boolean;
	/** It has one item, named SINGLETON. */
	isSingleton?: boolean;
	/** Syncable columns by name, the primary key left out. */
	fields: ReadonlyMap<string, FieldShape>;
	/** The fields that refer to items. */
	references: ReadonlyMap<string, Reference>;
	/** The fields of whatever collections that the database empties, or whose items it deletes, with an item of this one. */
	cascadesTo?: { collection: string; field: string }[];
};

export type Reference = {
	/** The collection; null when each item says which, in the field `by`. */
	to: string | null;
	by: string | null;
	/** The field may be left empty. */
	nullable: boolean;
	/** The database itself sees to it that what is referred to exists. */
	constrained?: boolean;
};

/** What a permission is for. */
export type ItemAction = 'create' | 'update' | 'delete';

export type Values = Readonly<Record<string, Json>>;

export type ItemsPort = {
	shape(collection: string): Promise<CollectionShape | null>;
	/** Values of the items that exist, by key. A file's content is left out while it can't be told. */
	read(shape: CollectionShape, items: string[], fields: string[]): Promise<Map<string, Values>>;
	/** Keys of the existing items after a key, in key order. */
	keys(shape: CollectionShape, after: string | null, limit: number): Promise<string[]>;
	/** Those of the items that match a Directus filter rule. Rejects with a FilterFault when the rule can't be used. */
	matching(shape: CollectionShape, items: string[], filter: Record<string, unknown>): Promise<Set<string>>;
	/** Keys, after a key and in key order, of existing items that match a Directus filter rule. Rejects as `matching` does. */
	find(shape: CollectionShape, filter: Record<string, unknown>, after: string | null, limit: number): Promise<string[]>;
	/** Rejects with a FilterFault when the rule can't be used, whether or not there are items. */
	tryFilter(shape: CollectionShape, filter: Record<string, unknown>): Promise<void>;
	/** E-mail addresses of those users that exist and have one, by id. */
	emails(users: string[]): Promise<Map<string, string>>;
};

export type ItemWrite = Ref &
	(
		| {
				kind: 'create' | 'update';
				values: Values;
				/** Fields that Directus would set by itself on this write, and that are to stay what they are. */
				keep?: Values;
		  }
		| { kind: 'delete'; values?: undefined }
	);

export type UsersPort = {
	/** Those of the users that exist here, by id or e-mail address in lower case; their ids. */
	users(ids: string[], emails: string[]): Promise<KnownUsers>;
};

export type KnownUsers = { ids: ReadonlySet<string>; byEmail: ReadonlyMap<string, string> };

export type ItemsDep = { items: ItemsPort };
