/** What editors do to pages and their sections, to the settings, redirects, files and folders. */
import type { Item, Key } from './api.ts';
import { replace, sha256, upload } from './files.ts';
import { createOne, type Desk, deleteOne, type Edit, shuffled, updateOne } from './model-desk.ts';

/** Few, so that a page that was deleted is often made again under its old name. */
const SLUGS = ['home', 'about/us', 'início 1', 'blog', 'imprint'];

const section = async (desk: Desk, sort: number): Promise<Item> =>
	desk.random.chance(0.5)
		? { collection: 'section_texts', item: { id: desk.uuid(), text: desk.words('Text') }, sort }
		: {
				collection: 'section_images',
				item: { caption: desk.words('Caption'), image: await desk.maybe('directus_files') },
				sort,
			};

const createPage = createOne('pages', async (desk) => {
	const there = new Set(await desk.keys('pages'));
	const free = SLUGS.filter((slug) => !there.has(slug));
	if (free.length === 0) return null;
	const sections: Item[] = [];
	for (let sort = 1 + desk.random.below(4); sort > 0; sort -= 1) sections.push(await section(desk, sort));
	return { slug: desk.random.pick(free), title: desk.words('Page'), sections };
});

const reorderSections: Edit = async (desk) => {
	const page = await desk.any('pages');
	const rows = page === null ? [] : await desk.rows('pages_sections', { pages_slug: { _eq: page } });
	if (page === null || rows.length < 2) return null;
	const [last, ...others] = shuffled(desk.random, rows);
	const update = others.map(({ id }, index) => ({ id, sort: index + 1 }));
	const create = [await section(desk, rows.length)];
	await desk.instance.updateItem('pages', page, { sections: { create, update, delete: [last?.id] } });
	return `pages ${page} without section ${last?.id}, with a new one, in the order ${JSON.stringify(update)}`;
};

/** By the singleton's own address, as Data Studio saves it. */
const saveSettings: Edit = async (desk) => {
	const values: Item = {
		site_name: desk.words('Site'),
		logo: await desk.maybe('directus_files'),
		home: await desk.maybe('pages'),
		maintenance: desk.random.chance(0.5),
	};
	await desk.instance.data('PATCH', '/items/settings', values);
	return `settings saved: ${JSON.stringify(values)}`;
};

const redirect = (desk: Desk): Item => ({
	path: desk.words('/from'),
	target: desk.words('/to'),
	permanent: desk.random.chance(0.5),
});

const uploadFile: Edit = async (desk) => {
	const bytes = desk.bytes();
	const folder = await desk.maybe('directus_folders');
	const values = { id: desk.uuid(), title: desk.words('File'), ...(folder !== null && { folder }) };
	const { id } = await upload(desk.instance, bytes, { ...values, name: `${values.id}.txt` });
	// Only files that something refers to are synced.
	const article = await desk.any('articles');
	if (article !== null) await desk.instance.updateItem('articles', article, { image: id });
	return `directus_files ${id} uploaded: ${bytes.length} bytes ${sha256(bytes)}, ${JSON.stringify(values)}, image of ${article}`;
};

const replaceFile: Edit = async (desk) => {
	const id = await desk.any('directus_files');
	if (id === null) return null;
	const bytes = desk.bytes();
	await replace(desk.instance, id as string, bytes, { name: `${id}-again.txt` });
	return `directus_files ${id} replaced: ${bytes.length} bytes ${sha256(bytes)}`;
};

const moveFolder: Edit = async (desk) => {
	const folders = await desk.rows('directus_folders');
	if (folders.length === 0) return null;
	const { id } = desk.random.pick(folders);
	// Data Studio offers no folder inside of itself.
	const inside = new Set<unknown>([id]);
	for (const _ of folders) for (const each of folders) if (inside.has(each.parent)) inside.add(each.id);
	const parent = desk.random.pick([null, ...folders.map((each) => each.id).filter((each) => !inside.has(each))]);
	await desk.instance.updateItem('directus_folders', id as Key, { parent });
	return `directus_folders ${id} moved into ${parent}`;
};

const deleteFolder: Edit = async (desk) => {
	const folders = await desk.rows('directus_folders');
	const empty = folders.filter(({ id }) => !folders.some(({ parent }) => parent === id));
	if (empty.length === 0) return null;
	const { id } = desk.random.pick(empty);
	await desk.instance.deleteItem('directus_folders', id as Key);
	return `directus_folders ${id} deleted, with files in it or not`;
};

/** The edits, and how often each comes up in a deck. */
export const PAGE_EDITS: Readonly<Record<string, [number, Edit]>> = {
	'create page': [3, createPage],
	'rename page': [1, updateOne('pages', (desk) => ({ title: desk.words('Page') }))],
	'delete page': [1, deleteOne('pages')],
	'reorder sections': [3, reorderSections],
	'edit section text': [1, updateOne('section_texts', (desk) => ({ text: desk.words('Text') }))],
	'edit section image': [
		1,
		updateOne('section_images', async (desk) => ({
			caption: desk.words('Caption'),
			image: await desk.maybe('directus_files'),
		})),
	],
	'delete section text': [1, deleteOne('section_texts')],
	'delete section image': [1, deleteOne('section_images')],
	'save settings': [3, saveSettings],
	'create redirect': [2, createOne('redirects', redirect)],
	'update redirect': [1, updateOne('redirects', redirect)],
	'delete redirect': [1, deleteOne('redirects')],
	'upload file': [4, uploadFile],
	'replace file': [2, replaceFile],
	'describe file': [1, updateOne('directus_files', (desk) => ({ title: desk.words('File'), tags: [desk.words('t')] }))],
	'move file': [2, updateOne('directus_files', async (desk) => ({ folder: await desk.maybe('directus_folders') }))],
	'delete file': [1, deleteOne('directus_files')],
	'create folder': [
		2,
		createOne('directus_folders', async (desk) => ({
			id: desk.uuid(),
			name: desk.words('Folder'),
			parent: await desk.maybe('directus_folders'),
		})),
	],
	'rename folder': [1, updateOne('directus_folders', (desk) => ({ name: desk.words('Folder') }))],
	'move folder': [1, moveFolder],
	'delete folder': [1, deleteFolder],
};
