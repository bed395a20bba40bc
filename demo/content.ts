/** What the demo is about: a small magazine. Its model, what of it is shared, and the first content. */
import type { Item } from '../test/support/api.ts';
import type { ListingInput } from '../test/support/data-sync.ts';
import { boolean, field, longText, reference, text, uuidKey } from '../test/support/fields.ts';
import type { Instance } from '../test/support/instance.ts';

const STATUSES = [
	{ text: 'Draft', value: 'draft', color: '#A2B5CD' },
	{ text: 'Published', value: 'published', color: '#2ECDA7' },
];

const status = field('status', 'string', {
	interface: 'select-dropdown',
	options: { choices: STATUSES },
	display: 'labels',
	display_options: { choices: STATUSES },
	width: 'half',
});

const author = reference('author', 'uuid', {
	width: 'half',
	display: 'related-values',
	options: { template: '{{name}}' },
});

const AUTHORS = [uuidKey(), text('name', { width: 'half' }), text('city', { width: 'half' }), longText('biography')];

const ARTICLES = [
	uuidKey(),
	status,
	author,
	text('title'),
	longText('summary'),
	field('body', 'text', { interface: 'input-rich-text-md' }),
	field('tags', 'json', { interface: 'tags', special: ['cast-json'], display: 'labels', width: 'half' }),
	boolean('featured', { width: 'half' }),
	longText('notes', { note: 'For the local team only. Not shared with the other instances.' }),
];

/** Everything but the internal notes. */
export const SHARED: ListingInput[] = [
	{ collection: 'authors', fields: ['name', 'city', 'biography'] },
	{ collection: 'articles', fields: ['status', 'author', 'title', 'summary', 'body', 'tags', 'featured'] },
];

/** Content models are not synced: every instance gets the same one, as with Directus' own schema tools. */
export async function createModel(instance: Instance): Promise<void> {
	await instance.createCollection('authors', AUTHORS, { icon: 'person', display_template: '{{name}}', sort: 2 });
	await instance.createCollection('articles', ARTICLES, { icon: 'article', display_template: '{{title}}', sort: 1 });
	await instance.data('POST', '/relations', {
		collection: 'articles',
		field: 'author',
		related_collection: 'authors',
		schema: { on_delete: 'SET NULL' },
	});
}

export const FIRST_AUTHORS: Item[] = [
	{ name: 'Amara Okafor', city: 'Lagos', biography: 'Writes about rivers and the people who live by them.' },
	{ name: 'Jonas Weber', city: 'Berlin', biography: 'Takes the night train, then writes about it.' },
	{ name: 'Lucía Quispe', city: 'Lima', biography: 'Cook, botanist, in that order.' },
];

/** The first articles, by the authors with these keys. */
export function firstArticles(authors: unknown[]): Item[] {
	const articles: Array<[title: string, summary: string, tags: string[]]> = [
		['How rivers remember', 'A flood plain keeps a diary of its own.', ['nature', 'rivers']],
		['The last sleeper to Lviv', 'Nineteen hours, two borders, one samovar.', ['travel', 'trains']],
		['Four thousand potatoes', 'A seed bank in the Andes and its keepers.', ['food', 'plants']],
		['Market day', 'What the stalls sell when nobody is looking.', ['food', 'travel']],
		['A map of quiet places', 'Readers sent us the spots where they hear nothing.', ['nature']],
	];
	return articles.map(([title, summary, tags], index) => ({
		title,
		summary,
		tags,
		status: 'published',
		author: authors[index % authors.length],
		body: `## ${title}\n\n${summary}\n\nThe rest of this article is left to the reader.`,
		featured: index === 0,
		notes: index === 0 ? 'Check the photo rights before we print this.' : null,
	}));
}
