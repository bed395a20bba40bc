/** The collection the bench works on, and items for it. */
import { randomUUID } from 'node:crypto';
import type { Item } from '../test/support/api.ts';
import type { Instance } from '../test/support/instance.ts';

export const COLLECTION = 'articles';
export const LISTING = [{ collection: COLLECTION, fields: ['title', 'body', 'status', 'rating'] }];

export async function createArticles(instance: Instance): Promise<void> {
	await instance.createCollection(COLLECTION, [
		{ field: 'id', type: 'uuid', meta: { special: ['uuid'] }, schema: { is_primary_key: true } },
		{ field: 'title', type: 'string', meta: {}, schema: {} },
		{ field: 'body', type: 'text', meta: {}, schema: {} },
		{ field: 'status', type: 'string', meta: {}, schema: {} },
		{ field: 'rating', type: 'integer', meta: {}, schema: {} },
	]);
}

export const newArticles = (count: number, title: string): Item[] =>
	Array.from({ length: count }, (_, index) => ({
		id: randomUUID(),
		title: `${title}.${index}`,
		body: 'Lorem ipsum dolor sit amet, consetetur sadipscing elitr. '.repeat(4),
		status: 'published',
		rating: index % 5,
	}));
