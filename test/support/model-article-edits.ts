/** What editors do to articles and to what belongs to them: authors, categories, tags, translations, the gallery. */
import type { Item, Key } from './api.ts';
import { createOne, type Desk, deleteOne, type Edit, shuffled, updateOne } from './model-desk.ts';

const CODES = ['en', 'de', 'pt-BR', 'fr', 'ja'];
const STATES = ['draft', 'published', 'archived'];

const articleValues = async (desk: Desk): Promise<Item> => {
	const all: Item = {
		title: desk.words('Article'),
		body: desk.words('Body').repeat(1 + desk.random.below(20)),
		status: desk.random.pick(STATES),
		published_at: new Date(Date.UTC(2020, 0, 1 + desk.random.below(2_000), desk.random.below(24))).toISOString(),
		author: await desk.maybe('authors'),
		category: await desk.maybe('categories'),
		image: await desk.maybe('directus_files'),
		notes: desk.words('Private'),
	};
	return Object.fromEntries(Object.entries(all).filter(([field]) => field === 'title' || desk.random.chance(0.6)));
};

const newTag = (desk: Desk): Item => ({ tags_id: { id: desk.uuid(), label: desk.words('Tag') } });
const translation = (desk: Desk, code: Key): Item => ({
	languages_code: code,
	title: desk.words('Translated'),
	summary: desk.words('Summary'),
});

const wholeArticle = async (desk: Desk): Promise<Item> => {
	const gallery = await desk.some('directus_files', 4);
	return {
		...(await articleValues(desk)),
		id: desk.uuid(),
		tags: [...(await desk.some('tags', 2)).map((key) => ({ tags_id: key })), newTag(desk)],
		translations: (await desk.some('languages', 3)).map((code) => translation(desk, code)),
		gallery: gallery.map((key, index) => ({ directus_files_id: key, sort: index + 1 })),
		...(desk.random.chance(0.3) && { author: { id: desk.uuid(), name: desk.words('Author') } }),
		...(desk.random.chance(0.3) && { category: { id: desk.uuid(), name: desk.words('Category') } }),
	};
};

/** The keys of an article's rows in a junction. */
const rowsOf = async (desk: Desk, junction: string, article: Key): Promise<Key[]> =>
	(await desk.rows(junction, { articles_id: { _eq: article } })).map((row) => row.id as Key);

const reorderGallery: Edit = async (desk) => {
	const rows = await desk.rows('articles_files', { articles_id: { _nnull: true } });
	if (rows.length === 0) return null;
	const article = desk.random.pick(rows).articles_id as Key;
	const order = shuffled(desk.random, await rowsOf(desk, 'articles_files', article));
	const update = order.map((id, index) => ({ id, sort: index + 1 }));
	await desk.instance.updateItem('articles', article, { gallery: { create: [], update, delete: [] } });
	return `articles ${article} gallery in the order ${order.join()}`;
};

const createMany: Edit = async (desk) => {
	const items: Item[] = [];
	for (let count = 2 + desk.random.below(6); count > 0; count -= 1) {
		items.push({ ...(await articleValues(desk)), id: desk.uuid() });
	}
	await desk.instance.createItems('articles', items);
	return `articles created in one request: ${JSON.stringify(items)}`;
};

const updateMany: Edit = async (desk) => {
	const keys = shuffled(desk.random, await desk.keys('articles')).slice(0, 2 + desk.random.below(6));
	if (keys.length < 2) return null;
	const data = await articleValues(desk);
	await desk.instance.data('PATCH', '/items/articles', { keys, data });
	return `articles ${keys.join()} updated in one request: ${JSON.stringify(data)}`;
};

const deleteMany: Edit = async (desk) => {
	const keys = shuffled(desk.random, await desk.keys('articles')).slice(0, 2 + desk.random.below(2));
	if (keys.length < 2) return null;
	await desk.instance.data('DELETE', '/items/articles', keys);
	return `articles ${keys.join()} deleted in one request`;
};

/** A cycle: an author whose favourite is an article of his own. */
const createCycle: Edit = async (desk) => {
	const [author, article] = [desk.uuid(), desk.uuid()];
	const articles = [{ id: article, title: desk.words('Own') }];
	await desk.instance.createItem('authors', { id: author, name: desk.words('Author'), articles });
	await desk.instance.updateItem('authors', author, { favourite: article });
	return `authors ${author} created with the article ${article}, which is his favourite`;
};

const dragCategory: Edit = async (desk) => {
	const [item, to] = shuffled(desk.random, await desk.keys('categories'));
	if (item === undefined || to === undefined) return null;
	await desk.instance.data('POST', '/utils/sort/categories', { item, to });
	return `categories ${item} dragged to the place of ${to}`;
};

const createLanguage = createOne('languages', async (desk) => {
	const there = new Set(await desk.keys('languages'));
	const free = CODES.filter((code) => !there.has(code));
	return free.length === 0 ? null : { code: desk.random.pick(free), name: desk.words('Language') };
});

/** The edits, and how often each comes up in a deck. */
export const ARTICLE_EDITS: Readonly<Record<string, [number, Edit]>> = {
	'create article': [4, createOne('articles', wholeArticle)],
	'create articles': [1, createMany],
	'update article': [3, updateOne('articles', articleValues)],
	'update articles': [1, updateMany],
	'delete article': [1, deleteOne('articles')],
	'delete articles': [1, deleteMany],
	'tag article': [
		2,
		updateOne('articles', async (desk, key) => ({
			tags: { create: [newTag(desk)], update: [], delete: (await rowsOf(desk, 'articles_tags', key)).slice(0, 1) },
		})),
	],
	// Directus empties the rows that are left out.
	'shorten tags': [
		1,
		updateOne('articles', async (desk, key) => ({ tags: (await rowsOf(desk, 'articles_tags', key)).slice(1) })),
	],
	'translate article': [
		2,
		updateOne('articles', async (desk) => ({
			translations: {
				create: (await desk.some('languages', 2)).map((code) => translation(desk, code)),
				update: [],
				delete: [],
			},
		})),
	],
	'edit translation': [
		2,
		updateOne('articles_translations', (desk) => ({ title: desk.words('Translated'), summary: desk.words('Anew') })),
	],
	'delete translation': [1, deleteOne('articles_translations')],
	'reorder gallery': [2, reorderGallery],
	'create language': [2, createLanguage],
	'rename language': [1, updateOne('languages', (desk) => ({ name: desk.words('Language') }))],
	'delete language': [1, deleteOne('languages')],
	'create cycle': [2, createCycle],
	'turn cycle': [2, updateOne('authors', async (desk) => ({ favourite: await desk.maybe('articles') }))],
	'update author': [
		1,
		updateOne('authors', async (desk) => ({
			name: desk.words('Author'),
			portrait: await desk.maybe('directus_files'),
		})),
	],
	'delete author': [1, deleteOne('authors')],
	'create category': [
		3,
		createOne('categories', async (desk) => ({
			id: desk.uuid(),
			name: desk.words('Category'),
			parent: await desk.maybe('categories'),
			sort: 1 + desk.random.below(20),
		})),
	],
	// Nobody keeps an editor from moving a category below itself.
	'move category': [3, updateOne('categories', async (desk) => ({ parent: await desk.maybe('categories') }))],
	'drag category': [2, dragCategory],
	'delete category': [1, deleteOne('categories')],
	'rename tag': [1, updateOne('tags', (desk) => ({ label: desk.words('Tag') }))],
	'delete tag': [1, deleteOne('tags')],
};
