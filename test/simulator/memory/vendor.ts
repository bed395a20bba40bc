/** How a database vendor keeps values and gives them back: the same content in different words. */
import type { Json } from '../../../src/replication/digest.ts';

export type Vendor = {
	name: 'plain' | 'sqlite' | 'postgres' | 'mysql';
	/** One writer at a time for the whole database, readers included, as with Directus' one SQLite connection. */
	exclusive: boolean;
	store(type: string, value: Json): Json;
	read(type: string, value: Json): Json;
};

const asIs = (_type: string, value: Json): Json => value;

/** Keeps what it is given, and locks rows. */
export const plain: Vendor = { name: 'plain', exclusive: false, store: asIs, read: asIs };

export const sqlite: Vendor = {
	name: 'sqlite',
	exclusive: true,
	store: asIs,
	read: (type, value) => {
		if (value === null) return null;
		if (type === 'boolean') return value ? 1 : 0;
		if (type === 'decimal') return Number(value);
		return value;
	},
};

export const postgres: Vendor = {
	name: 'postgres',
	exclusive: false,
	store: asIs,
	read: (type, value) => {
		if (value === null) return null;
		if (type === 'decimal') return Number(value).toFixed(5);
		if (type === 'json') return reverseKeys(value);
		return value;
	},
};

export const mysql: Vendor = {
	name: 'mysql',
	exclusive: false,
	store: (type, value) =>
		type === 'timestamp' && typeof value === 'string' ? `${value.slice(0, 19)}.000Z` : asIs(type, value),
	read: (type, value) => {
		if (value === null) return null;
		if (type === 'decimal') return Number(value).toFixed(2);
		if (type === 'boolean') return value ? 1 : 0;
		return value;
	},
};

/** Stands for jsonb, which keeps keys in an order of its own. */
function reverseKeys(value: Json): Json {
	if (Array.isArray(value)) return value.map(reverseKeys);
	if (value === null || typeof value !== 'object') return value;
	return Object.fromEntries(
		Object.entries(value)
			.reverse()
			.map(([key, inner]) => [key, reverseKeys(inner)]),
	);
}
