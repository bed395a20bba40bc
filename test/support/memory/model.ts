/** A content model for unit tests, written as short as can be. */
import type { Model, ModelRelation } from '../../../src/sources/model.ts';

/** Field names by collection; one that starts with `*` is an alias, one that starts with `!` is a secret. */
export type Fields = Record<string, string>;

/** `articles.author > authors.articles`; `rows.near > a.alias via far sorted sort`; `rows.item > any(a b) by collection`. */
export function model(fields: Fields, relations: string[]): Model {
	const collections = Object.entries(fields).map(([collection, names]) => {
		const read = names.split(' ').map((name) => {
			const isAlias = name.startsWith('*');
			const isSecret = name.startsWith('!');
			return [name.replace(/^[*!]/, ''), { isAlias, isSyncable: /^\w/.test(name), isSecret }] as const;
		});
		return [collection, { primaryKey: 'id', fields: new Map(read) }] as const;
	});
	return { collections: new Map(collections), relations: relations.map(toRelation) };
}

function toRelation(text: string): ModelRelation {
	const many = /^(\w+)\.(\w+) > (?:any\(([\w ]+)\)|(\w+)(?:\.(\w+))?)/.exec(text);
	const [, collection = '', field = '', any, to, alias] = many ?? [];
	const option = (word: string) => new RegExp(` ${word} (\\w+)`).exec(text)?.[1] ?? null;
	return {
		collection,
		field,
		to: any === undefined ? (to ?? null) : null,
		by: option('by'),
		allowed: any?.split(' ') ?? [],
		alias: alias ?? null,
		junctionField: option('via'),
		sortField: option('sorted'),
	};
}

export const WEBSITE = model(
	{
		articles: 'title status author image *tags *translations *gallery *comments *divider !secret',
		articles_tags: 'articles_id tags_id',
		articles_translations: 'articles_id languages_code title !key',
		articles_files: 'articles_id directus_files_id sort',
		comments: 'article text portrait',
		tags: 'label *articles',
		languages: 'name',
		authors: 'name portrait *articles *user',
		categories: 'name parent sort *children *logs',
		pages: 'title *sections',
		pages_sections: 'pages_id item collection sort',
		texts: 'text',
		images: 'image',
		directus_files: 'title folder type storage',
		directus_folders: 'name parent',
		directus_users: 'email author',
	},
	[
		'articles.author > authors.articles',
		'articles.image > directus_files',
		'articles_tags.articles_id > articles.tags via tags_id',
		'articles_tags.tags_id > tags.articles via articles_id',
		'articles_translations.articles_id > articles.translations via languages_code',
		'articles_translations.languages_code > languages via articles_id',
		'articles_files.articles_id > articles.gallery via directus_files_id sorted sort',
		'articles_files.directus_files_id > directus_files via articles_id',
		'comments.article > articles.comments',
		'comments.portrait > directus_files',
		'authors.portrait > directus_files',
		'categories.parent > categories.children sorted sort',
		'pages_sections.pages_id > pages.sections via item sorted sort',
		'pages_sections.item > any(texts images) by collection via pages_id',
		'images.image > directus_files',
		'directus_files.folder > directus_folders',
		'directus_users.author > authors.user',
	],
);
