/**
 * A whole content model, as a website has it: articles with translations and a gallery, authors, a category tree, tags,
 * pages with sections of several kinds, files in folders, one settings item, redirects with counted keys. It has
 * every kind of relation, a reference to itself (categories) and a cycle of two collections (articles and authors).
 */
import type { ListingInput } from './data-sync.ts';
import {
	autoIncrementKey,
	boolean,
	integer,
	longText,
	reference,
	text,
	textKey,
	timestamp,
	uuidKey,
} from './fields.ts';
import type { Instance } from './instance.ts';
import { addAlias, manyToAny, manyToMany, manyToOne } from './relations.ts';

/** All collections of the model, those included that only an alias leads to. */
export const MODEL_COLLECTIONS = [
	'articles',
	'articles_translations',
	'articles_tags',
	'articles_files',
	'authors',
	'categories',
	'languages',
	'tags',
	'pages',
	'pages_sections',
	'section_texts',
	'section_images',
	'settings',
	'redirects',
] as const;

/** What an admin enters: no junction, no translations, no files, since the aliases and the file fields bring those. */
export const MODEL: ListingInput[] = [
	{
		collection: 'articles',
		fields: [
			'title',
			'body',
			'status',
			'published_at',
			'author',
			'category',
			'image',
			'tags',
			'translations',
			'gallery',
		],
	},
	{ collection: 'pages', fields: ['title', 'sections'] },
	{ collection: 'section_texts', fields: ['text'] },
	{ collection: 'section_images', fields: ['caption', 'image'] },
	{ collection: 'settings', fields: ['site_name', 'logo', 'home', 'maintenance'] },
	{ collection: 'categories', fields: ['name', 'parent', 'sort'] },
	{ collection: 'tags', fields: ['label'] },
	{ collection: 'languages', fields: ['name'] },
	{ collection: 'authors', fields: ['name', 'portrait', 'favourite'] },
	{ collection: 'redirects', fields: ['path', 'target', 'permanent'] },
	{ collection: 'directus_folders', fields: ['name', 'parent'] },
];

/** Creates the collections, fields and relations. Content models are not synced: every instance gets the same one. */
export async function createModel(instance: Instance): Promise<void> {
	await createCollections(instance);
	await createReferences(instance);
	await createAliases(instance);
}

async function createCollections(instance: Instance): Promise<void> {
	const image = () => reference('image', 'uuid', { special: ['file'], interface: 'file-image' });
	await instance.createCollection('languages', [textKey('code'), text('name')], {
		icon: 'translate',
		display_template: '{{name}}',
	});
	await instance.createCollection('tags', [uuidKey(), text('label')], { icon: 'sell', display_template: '{{label}}' });
	await instance.createCollection(
		'categories',
		[uuidKey(), text('name'), reference('parent', 'uuid'), integer('sort', { hidden: true })],
		{ icon: 'account_tree', sort_field: 'sort', display_template: '{{name}}' },
	);
	await instance.createCollection(
		'authors',
		[
			uuidKey(),
			text('name'),
			reference('portrait', 'uuid', { special: ['file'], interface: 'file-image' }),
			reference('favourite', 'uuid'),
		],
		{ icon: 'person', display_template: '{{name}}' },
	);
	await instance.createCollection(
		'articles',
		[
			uuidKey(),
			text('title'),
			longText('body'),
			text('status'),
			timestamp('published_at'),
			reference('author', 'uuid'),
			reference('category', 'uuid'),
			image(),
			text('notes', { note: 'Stays where it is written' }),
		],
		{ icon: 'article', display_template: '{{title}}' },
	);
	await instance.createCollection('pages', [textKey('slug'), text('title')], {
		icon: 'web',
		display_template: '{{title}}',
	});
	await instance.createCollection('section_texts', [uuidKey(), longText('text')], {
		icon: 'notes',
		display_template: '{{text}}',
	});
	await instance.createCollection('section_images', [autoIncrementKey(), text('caption'), image()], {
		icon: 'image',
		display_template: '{{caption}}',
	});
	await instance.createCollection(
		'settings',
		[
			uuidKey(),
			text('site_name'),
			reference('logo', 'uuid', { special: ['file'], interface: 'file-image' }),
			reference('home', 'string'),
			boolean('maintenance'),
		],
		{ singleton: true, icon: 'settings' },
	);
	await instance.createCollection(
		'redirects',
		[autoIncrementKey(), text('path'), text('target'), boolean('permanent')],
		{ icon: 'alt_route', display_template: '{{path}}' },
	);
}

async function createReferences(instance: Instance): Promise<void> {
	await addAlias(instance, 'categories', 'children', 'o2m');
	await addAlias(instance, 'authors', 'articles', 'o2m');
	const all = [
		{ collection: 'categories', field: 'parent', to: 'categories', alias: 'children' },
		{ collection: 'authors', field: 'portrait', to: 'directus_files' },
		{ collection: 'authors', field: 'favourite', to: 'articles' },
		{ collection: 'articles', field: 'author', to: 'authors', alias: 'articles' },
		{ collection: 'articles', field: 'category', to: 'categories' },
		{ collection: 'articles', field: 'image', to: 'directus_files' },
		{ collection: 'section_images', field: 'image', to: 'directus_files' },
		{ collection: 'settings', field: 'logo', to: 'directus_files' },
		{ collection: 'settings', field: 'home', to: 'pages' },
	];
	for (const relation of all) await manyToOne(instance, relation);
}

async function createAliases(instance: Instance): Promise<void> {
	await manyToMany(instance, {
		from: 'articles',
		alias: 'tags',
		to: 'tags',
		junction: 'articles_tags',
		near: reference('articles_id', 'uuid', { hidden: true }),
		far: reference('tags_id', 'uuid', { hidden: true }),
		onDelete: 'CASCADE',
	});
	await manyToMany(instance, {
		from: 'articles',
		alias: 'translations',
		special: 'translations',
		to: 'languages',
		junction: 'articles_translations',
		near: reference('articles_id', 'uuid', { hidden: true }),
		far: reference('languages_code', 'string', { hidden: true }),
		fields: [text('title'), longText('summary')],
	});
	await manyToMany(instance, {
		from: 'articles',
		alias: 'gallery',
		special: 'files',
		to: 'directus_files',
		junction: 'articles_files',
		near: reference('articles_id', 'uuid', { hidden: true }),
		far: reference('directus_files_id', 'uuid', { hidden: true }),
		sorted: true,
	});
	await manyToAny(instance, {
		from: 'pages',
		alias: 'sections',
		junction: 'pages_sections',
		near: reference('pages_slug', 'string', { hidden: true }),
		allowed: ['section_texts', 'section_images'],
	});
}
