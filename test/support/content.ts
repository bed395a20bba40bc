/** The content model most end-to-end tests share: it has a field of every common kind, and one that is never shared. */

import type { ListingInput } from './data-sync.ts';
import {
	autoIncrementKey,
	boolean,
	decimal,
	integer,
	json,
	longText,
	reference,
	text,
	textKey,
	timestamp,
	uuidKey,
} from './fields.ts';
import type { Instance } from './instance.ts';

export const ARTICLES: ListingInput = {
	collection: 'articles',
	fields: ['title', 'body', 'rating', 'featured', 'tags', 'price', 'published_at', 'author'],
};
export const AUTHORS: ListingInput = { collection: 'authors', fields: ['name'] };
/** Keys that people choose. */
export const PAGES: ListingInput = { collection: 'pages', fields: ['title'] };
/** Keys that every instance counts up by itself. */
export const TICKETS: ListingInput = { collection: 'tickets', fields: ['title'] };

export const CONTENT: ListingInput[] = [AUTHORS, ARTICLES, PAGES, TICKETS];

/** Content models are not synced: every instance gets the same one. `secret` is in no listing. */
export async function createContent(instance: Instance): Promise<void> {
	await instance.createCollection('authors', [uuidKey(), text('name'), text('secret')]);
	await instance.createCollection('articles', [
		uuidKey(),
		text('title'),
		longText('body'),
		integer('rating'),
		boolean('featured'),
		json('tags'),
		decimal('price'),
		timestamp('published_at'),
		reference('author', 'uuid'),
		text('secret'),
	]);
	await instance.data('POST', '/relations', {
		collection: 'articles',
		field: 'author',
		related_collection: 'authors',
		schema: { on_delete: 'SET NULL' },
	});
	await instance.createCollection('pages', [textKey('slug'), text('title'), text('secret')]);
	await instance.createCollection('tickets', [autoIncrementKey(), text('title'), text('secret')]);
}
