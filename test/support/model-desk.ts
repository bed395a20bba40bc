/**
 * An editor's desk: one instance, the dice that decide what is done to it, and the journal of what was done. What
 * there is to edit is read from the instance, so the same seed gives the same edits whatever Directus' relations do.
 */
import type { Random } from '../simulator/random.ts';
import type { Item, Key } from './api.ts';
import type { Instance } from './instance.ts';

/** The primary keys that are not called id. */
export const KEY_FIELDS: Readonly<Record<string, string>> = { pages: 'slug', languages: 'code' };

export const keyField = (collection: string): string => KEY_FIELDS[collection] ?? 'id';

export type Desk = ReturnType<typeof createDesk>;

/** What an edit has done, in words; null when there was nothing to do it to. */
export type Edit = (desk: Desk) => Promise<string | null>;

const NEW_WORDS = ['Ångström', 'naïve', '日本語', 'quote " here', "it's", 'line\nbreak', '', '🦋'];

export function createDesk(instance: Instance, random: Random) {
	let counter = 0;

	const rows = (collection: string, filter: Item = {}): Promise<Item[]> =>
		instance.readItems(collection, { filter, sort: keyField(collection) });
	const keys = async (collection: string): Promise<Key[]> =>
		(await rows(collection)).map((row) => row[keyField(collection)] as Key);
	const any = async (collection: string): Promise<Key | null> => {
		const all = await keys(collection);
		return all.length === 0 ? null : random.pick(all);
	};

	return {
		instance,
		random,
		rows,
		keys,
		/** The key of an item that is there, or null. */
		any,
		/** The same, but null now and then although there are items. */
		maybe: async (collection: string): Promise<Key | null> => (random.chance(0.75) ? any(collection) : null),
		/** Up to so many items that are there. */
		some: async (collection: string, most: number): Promise<Key[]> =>
			shuffled(random, await keys(collection)).slice(0, random.below(most + 1)),
		uuid: (): string => {
			const digits = Array.from({ length: 30 }, () => random.below(16).toString(16)).join('');
			return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(12, 15)}-a${digits.slice(15, 18)}-${digits.slice(18)}`;
		},
		/** A text that nobody has written before. */
		words: (what: string): string => {
			counter += 1;
			return `${what} ${counter} ${random.pick(NEW_WORDS)}`.trim();
		},
		bytes: (): Buffer => Buffer.from(Array.from({ length: 1 + random.below(8_000) }, () => random.below(256))),
	};
}

export function shuffled<T>(random: Random, items: readonly T[]): T[] {
	const left = [...items];
	for (let end = left.length - 1; end > 0; end -= 1) {
		const at = random.below(end + 1);
		[left[end], left[at]] = [left[at] as T, left[end] as T];
	}
	return left;
}

/** Deletes an item of this collection, as one of them is there. */
export const deleteOne =
	(collection: string): Edit =>
	async (desk) => {
		const key = await desk.any(collection);
		if (key === null) return null;
		await desk.instance.deleteItem(collection, key);
		return `${collection} ${key} deleted`;
	};

/** Writes to an item of this collection, as one of them is there. */
export const updateOne =
	(collection: string, values: (desk: Desk, key: Key) => Promise<Item> | Item): Edit =>
	async (desk) => {
		const key = await desk.any(collection);
		if (key === null) return null;
		const written = await values(desk, key);
		await desk.instance.updateItem(collection, key, written);
		return `${collection} ${key} updated: ${JSON.stringify(written)}`;
	};

export const createOne =
	(collection: string, values: (desk: Desk) => Promise<Item | null> | Item | null): Edit =>
	async (desk) => {
		const written = await values(desk);
		if (written === null) return null;
		const created = await desk.instance.createItem(collection, written);
		return `${collection} ${created[keyField(collection)]} created: ${JSON.stringify(written)}`;
	};
