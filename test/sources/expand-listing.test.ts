import { describe, expect, it } from 'vitest';
import { type Expansion, expandListing, FILE_FIELDS } from '../../src/sources/expand-listing.ts';
import { parseListing } from '../../src/sources/listing.ts';
import type { Model } from '../../src/sources/model.ts';
import { model, WEBSITE } from '../support/memory/model.ts';

function expand(schema: unknown, model: Model = WEBSITE): Expansion {
	const parsed = parseListing(schema);
	if (!parsed.ok) throw new Error(parsed.error);
	return expandListing(parsed.listing, model);
}

const fieldsOf = ({ listing }: Expansion) =>
	Object.fromEntries([...listing.values()].map(({ collection, fields }) => [collection, fields]));
const filterOf = ({ listing }: Expansion, collection: string) => listing.get(collection)?.filter;

const PUBLISHED = { status: { _eq: 'published' } };

describe('an expanded listing', () => {
	it('is the listing itself where all fields have columns', () => {
		const schema = [{ collection: 'articles', fields: ['author', 'title'], filter: PUBLISHED }];
		const expansion = expand(schema);
		expect(fieldsOf(expansion)).toEqual({ articles: ['author', 'title'] });
		expect(filterOf(expansion, 'articles')).toEqual(PUBLISHED);
		expect(expansion).toMatchObject({ expanded: [], problems: [] });
	});

	it('holds the junction rows of a many-to-many field', () => {
		const expansion = expand([{ collection: 'articles', fields: ['title', 'tags'] }]);
		expect(fieldsOf(expansion)).toEqual({ articles: ['title'], articles_tags: ['articles_id', 'tags_id'] });
		expect(expansion.expanded).toEqual([
			{
				collection: 'articles',
				field: 'tags',
				kind: 'm2m',
				into: { collection: 'articles_tags', fields: ['articles_id', 'tags_id'] },
			},
		]);
	});

	it('holds all that a translation or a child has, but no secrets', () => {
		const expansion = expand([{ collection: 'articles', fields: ['translations', 'comments'] }]);
		expect(fieldsOf(expansion)).toMatchObject({
			articles: [],
			articles_translations: ['articles_id', 'languages_code', 'title'],
			comments: ['article', 'portrait', 'text'],
		});
	});

	it('says why a field can not be synced that holds a secret, and leaves out no other', () => {
		const expansion = expand([{ collection: 'articles', fields: ['title', 'secret'] }]);
		expect(expansion.problems).toEqual([
			{ collection: 'articles', field: 'secret', message: expect.stringContaining('is encrypted or concealed') },
		]);
		expect(fieldsOf(expansion).articles).toContain('title');
	});

	it('takes no reference to a user for one that can not be followed', () => {
		const people = model({ articles: 'title editor', directus_users: 'email' }, ['articles.editor > directus_users']);
		expect(expand([{ collection: 'articles', fields: ['title', 'editor'] }], people).unlisted).toEqual([]);
	});

	it('holds the rows of a many-to-any field with what they refer to', () => {
		const expansion = expand([{ collection: 'pages', fields: ['sections'] }]);
		expect(fieldsOf(expansion)).toMatchObject({ pages_sections: ['collection', 'item', 'pages_id', 'sort'] });
		expect(expansion.expanded[0]?.kind).toBe('m2a');
	});

	it('holds the column of a tree', () => {
		const expansion = expand([{ collection: 'categories', fields: ['name', 'children'] }]);
		expect(fieldsOf(expansion)).toEqual({ categories: ['name', 'parent', 'sort'] });
		expect(filterOf(expansion, 'categories')).toBeNull();
	});

	it('takes the fields that a brought collection lists by itself, and the columns of the relation', () => {
		const expansion = expand([
			{ collection: 'articles', fields: ['comments', 'translations'] },
			{ collection: 'comments', fields: ['text'], events: ['create'] },
		]);
		expect(fieldsOf(expansion)).toMatchObject({ comments: ['article', 'text'] });
		expect(expansion.listing.get('comments')?.events).toEqual(['create']);
	});

	it('is the same in whatever order it was entered', () => {
		const entries = [
			{ collection: 'tags', fields: ['label'] },
			{ collection: 'articles', fields: ['tags', 'gallery', 'image', 'title'], filter: PUBLISHED },
			{ collection: 'pages', fields: ['sections'] },
		];
		const one = expand(entries).listing;
		const other = expand(
			[...entries].reverse().map((each) => ({ ...each, fields: [...each.fields].reverse() })),
		).listing;
		expect([...other.keys()]).toEqual([...one.keys()]);
		for (const [name, entry] of one) expect(other.get(name)?.fields).toEqual(entry.fields);
	});

	it('can be expanded again without a difference', () => {
		const once = expand([{ collection: 'articles', fields: ['tags', 'gallery', 'image'], filter: PUBLISHED }]).listing;
		expect([...expandListing(once, WEBSITE).listing]).toEqual([...once]);
	});

	it('leaves alone what the model does not know: that is for the check to say', () => {
		expect(fieldsOf(expand([{ collection: 'later', fields: ['any'] }]))).toEqual({ later: ['any'] });
		expect(expand([{ collection: 'articles', fields: ['later'] }]).problems).toEqual([]);
	});
});

describe('files', () => {
	it('come by a field that refers to one, and only those it refers to', () => {
		const expansion = expand([{ collection: 'articles', fields: ['image'] }]);
		expect(fieldsOf(expansion).directus_files).toEqual([...FILE_FIELDS].sort());
		expect(filterOf(expansion, 'directus_files')).toEqual({
			_or: [{ '$FOLLOW(articles,image)': { _some: { id: { _nnull: true } } } }],
		});
	});

	it('come by a junction and by brought children as well, of synced items only', () => {
		const expansion = expand([{ collection: 'articles', fields: ['gallery', 'comments', 'image'], filter: PUBLISHED }]);
		expect(filterOf(expansion, 'directus_files')).toEqual({
			_or: [
				{ '$FOLLOW(articles,image)': { _some: PUBLISHED } },
				{ '$FOLLOW(articles_files,directus_files_id)': { _some: { articles_id: PUBLISHED } } },
				{ '$FOLLOW(comments,portrait)': { _some: { article: PUBLISHED } } },
			],
		});
		expect(expansion.expanded.filter(({ into }) => into.collection === 'directus_files')).toHaveLength(3);
	});

	it('bring their folder where folders are listed', () => {
		const folders = { collection: 'directus_folders', fields: ['name'] };
		expect(fieldsOf(expand([{ collection: 'articles', fields: ['image'] }, folders])).directus_files).toContain(
			'folder',
		);
	});

	it('all come where they are listed themselves, with the fields listed', () => {
		const files = { collection: 'directus_files', fields: ['title'] };
		const expansion = expand([{ collection: 'articles', fields: ['image'] }, files]);
		expect(fieldsOf(expansion).directus_files).toEqual(['$content', 'filename_download', 'title']);
		expect(filterOf(expansion, 'directus_files')).toBeNull();
	});
});

describe('filters', () => {
	it('hold for the rows that belong to what is filtered', () => {
		const expansion = expand([{ collection: 'articles', fields: ['tags', 'comments'], filter: PUBLISHED }]);
		expect(filterOf(expansion, 'articles_tags')).toEqual({ articles_id: PUBLISHED });
		expect(filterOf(expansion, 'comments')).toEqual({ article: PUBLISHED });
	});

	it('of both ends hold for a junction', () => {
		const tags = { collection: 'tags', fields: ['label'], filter: { label: { _nnull: true } } };
		const expansion = expand([{ collection: 'articles', fields: ['tags'], filter: PUBLISHED }, tags]);
		expect(filterOf(expansion, 'articles_tags')).toEqual({
			_and: [
				{ articles_id: PUBLISHED },
				{ _or: [{ tags_id: { _null: true } }, { tags_id: { label: { _nnull: true } } }] },
			],
		});
	});

	it('of the collections at the far end hold for rows of any', () => {
		const texts = { collection: 'texts', fields: ['text'], filter: { text: { _nnull: true } } };
		const expansion = expand([{ collection: 'pages', fields: ['sections'] }, texts]);
		expect(filterOf(expansion, 'pages_sections')).toEqual({
			_or: [
				{ collection: { _null: true } },
				{ collection: { _neq: 'texts' } },
				{ 'item:texts': { text: { _nnull: true } } },
			],
		});
	});

	it('give way to what the rows list by themselves', () => {
		const comments = { collection: 'comments', fields: ['text'] };
		const expansion = expand([{ collection: 'articles', fields: ['comments'], filter: PUBLISHED }, comments]);
		expect(filterOf(expansion, 'comments')).toBeNull();
	});

	it('with "some" are passed on, with "none" refused, since Directus has no words for it', () => {
		const some = { tags: { _some: { tags_id: { label: { _eq: 'News' } } } } };
		const passed = expand([{ collection: 'articles', fields: ['comments'], filter: some }]);
		expect(filterOf(passed, 'comments')).toEqual({ article: { tags: { tags_id: { label: { _eq: 'News' } } } } });

		const none = { _and: [{ tags: { _none: { tags_id: { label: { _eq: 'News' } } } } }] };
		const refused = expand([{ collection: 'articles', fields: ['title', 'comments'], filter: none }]);
		expect(refused.problems).toMatchObject([{ collection: 'articles', field: 'comments' }]);
		expect(refused.problems[0]?.message).toMatch(/List "comments" with a filter of its own/);
		expect([...refused.listing.keys()]).toEqual(['articles']);
	});
});

describe('what can not be expanded', () => {
	it.each([
		['an alias without a relation', 'articles', 'divider', /no column and no relation/],
		['children in a system collection', 'authors', 'user', /system collection/],
		['an alias whose relation is gone', 'categories', 'logs', /no relation/],
	])('is refused: %s', (_what, collection, field, message) => {
		const { problems, listing } = expand([{ collection, fields: ['name', field] }]);
		expect(problems).toEqual([{ collection, field, message: expect.stringMatching(message) }]);
		expect(listing.get(collection)?.fields).toEqual(['name']);
	});

	it('is told beside what refers to items that are not synced', () => {
		const { unlisted } = expand([
			{ collection: 'articles', fields: ['author', 'tags'] },
			{ collection: 'pages', fields: ['sections'] },
			{ collection: 'texts', fields: ['text'] },
		]);
		expect(unlisted).toEqual([
			{ collection: 'articles', field: 'author', to: ['authors'] },
			{ collection: 'articles_tags', field: 'tags_id', to: ['tags'] },
			{ collection: 'pages_sections', field: 'item', to: ['images'] },
		]);
	});
});
