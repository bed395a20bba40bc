/** The whole content of the model on an instance, to be compared with another's. */
import { isDeepStrictEqual } from 'node:util';
import type { Item } from './api.ts';
import { assetHash } from './files.ts';
import type { Instance } from './instance.ts';
import { MODEL_COLLECTIONS } from './model.ts';
import { keyField } from './model-desk.ts';

/** Rows by collection and key; files with the SHA-256 of what anybody gets who downloads them. */
export type ModelContent = ReadonlyMap<string, Item>;

/** What belongs to an instance: where and when a file was stored, and by whom; a field that is not listed. */
const OWN: Readonly<Record<string, string[]>> = {
	directus_files: [
		...['storage', 'filename_disk', 'uploaded_by', 'uploaded_on', 'modified_by', 'modified_on', 'created_on'],
		...['embed', 'duration', 'tus_id', 'tus_data'],
	],
	articles: ['notes'],
	// A singleton is one item whatever its key.
	settings: ['id'],
};

export async function readModelContent(instance: Instance): Promise<ModelContent> {
	const content = new Map<string, Item>();

	for (const collection of [...MODEL_COLLECTIONS, 'directus_files', 'directus_folders']) {
		for (const row of await rowsOf(instance, collection)) {
			const name = collection === 'settings' ? 'settings' : `${collection} ${row[keyField(collection)]}`;
			content.set(name, await toContent(instance, collection, row));
		}
	}

	// A section's row whose section is gone leads nowhere, and half a junction row counts for nothing.
	for (const [name, row] of content) {
		if (name.startsWith('pages_sections ') && !content.has(`${row.collection} ${row.item}`)) content.delete(name);
	}
	return content;
}

/** The listed fields that refer to files. */
const FILE_FIELDS: readonly (readonly [collection: string, field: string])[] = [
	['articles', 'image'],
	['articles_files', 'directus_files_id'],
	['authors', 'portrait'],
	['section_images', 'image'],
	['settings', 'logo'],
];

/**
 * One sentence per row that is not the same, with the fields that differ. A file that nothing refers to need not have been
 * sent; where it was, it is the same.
 * @param here the content that was sent
 */
export function differences(here: ModelContent, there: ModelContent): string[] {
	const referred = referredFiles(here);
	return [...new Set([...here.keys(), ...there.keys()])].flatMap((name) => {
		const [ours, theirs] = [here.get(name), there.get(name)];
		if (isDeepStrictEqual(ours, theirs)) return [];
		if (!theirs && name.startsWith('directus_files ') && !referred.has(name)) return [];
		if (!ours || !theirs) return [`${name} is only ${ours ? 'here' : 'there'}: ${JSON.stringify(ours ?? theirs)}`];
		const fields = Object.keys({ ...ours, ...theirs }).filter(
			(field) => !isDeepStrictEqual(ours[field], theirs[field]),
		);
		const told = fields.map((field) => `${field} ${JSON.stringify(ours[field])} | ${JSON.stringify(theirs[field])}`);
		return [`${name} differs: ${told.join(', ')}`];
	});
}

const referredFiles = (content: ModelContent): Set<string> =>
	new Set(
		[...content].flatMap(([name, row]) =>
			FILE_FIELDS.filter(([collection]) => name.split(' ')[0] === collection).map(
				([, field]) => `directus_files ${row[field]}`,
			),
		),
	);

async function rowsOf(instance: Instance, collection: string): Promise<Item[]> {
	if (collection !== 'settings') return instance.readItems(collection);
	const settings = await instance.data<Item>('GET', '/items/settings');
	return settings.id === null ? [] : [settings];
}

async function toContent(instance: Instance, collection: string, row: Item): Promise<Item> {
	const own = OWN[collection] ?? [];
	const isAlias = (value: unknown) => Array.isArray(value) && collection !== 'directus_files';
	const columns = Object.entries(row).filter(([field, value]) => !own.includes(field) && !isAlias(value));
	if (collection !== 'directus_files') return Object.fromEntries(columns);
	// Directus gives the size as PostgreSQL's driver does: as text.
	const file = { filesize: Number(row.filesize), bytes: await assetHash(instance, row.id as string) };
	return { ...Object.fromEntries(columns), ...file };
}
