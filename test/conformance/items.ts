/** What every implementation of the items port does. */
import { describe, expect, it } from 'vitest';
import type { Values } from '../../src/content/port.ts';
import { canonicalValue } from '../../src/replication/digest.ts';
import { article, key, SHAPES, type Subject, shapeOf } from './subject.ts';

const ARTICLES = shapeOf('articles');

/** On SQLite Directus takes some types for others, which have the same canonical values. */
const SEEN_AS: Record<string, string> = { uuid: 'string', decimal: 'float' };

/** The values as the digest sees them: databases say the same in different words. */
function canonical(values: Values | undefined, fields: string[]): Record<string, string> {
	return Object.fromEntries(
		fields.map((field) => [field, canonicalValue(ARTICLES.fields.get(field)?.type ?? 'string', values?.[field])]),
	);
}

export function describeItems(subject: () => Subject): void {
	describe('items', () => {
		it.each([...SHAPES.keys()])('have a shape: %s', async (collection) => {
			const expected = shapeOf(collection);
			const found = await subject().items.shape(collection);
			expect(found).toMatchObject({
				collection,
				primaryKey: expected.primaryKey,
				keyType: expected.keyType,
				keyIsCounted: expected.keyIsCounted,
			});
			const typesOf = (shape: typeof found) =>
				[...(shape?.fields ?? [])].map(([field, { type }]) => `${field}: ${SEEN_AS[type] ?? type}`);
			expect(typesOf(found).sort()).toEqual(typesOf(expected).sort());
			expect([...(found?.references ?? [])]).toEqual([...expected.references]);
		});

		it.each(['nothing', 'constructor', '__proto__', ''])(
			'have no shape where there is no collection: %j',
			async (name) => {
				expect(await subject().items.shape(name)).toBe(null);
			},
		);

		it('are read as they were written, in the fields asked for', async () => {
			const values: Values = {
				title: 'Grüße 🌍 "\'\\',
				body: 'One\nTwo\r\n\tThree ',
				rating: -7,
				featured: true,
				tags: { b: [1, { c: null }], a: 'x' },
				price: 12.25,
				published_at: '2024-02-29T10:00:00.000Z',
				author: null,
			};
			await subject().put(article(1), { ...values, secret: 'kept' });
			const fields = Object.keys(values);
			const found = (await subject().items.read(ARTICLES, [key(1)], fields)).get(key(1));
			expect(canonical(found, fields)).toEqual(canonical(values, fields));
			expect(found).not.toHaveProperty('secret');
		});

		it('are read where they exist, and by key', async () => {
			await subject().put(article(1), { title: 'One' });
			await subject().put(article(2), { title: 'Two' });
			const found = await subject().items.read(ARTICLES, [key(2), key(3), key(1)], ['title']);
			expect([...found].map(([item, { title }]) => [item, title]).sort()).toEqual([
				[key(1), 'One'],
				[key(2), 'Two'],
			]);
			expect([...(await subject().items.read(ARTICLES, [key(2), key(3)], [])).keys()]).toEqual([key(2)]);
			expect((await subject().items.read(ARTICLES, [], ['title'])).size).toBe(0);
		});

		it('are not there under what can not be their key', async () => {
			await subject().put({ collection: 'tickets', item: '7' }, { title: 'Seven' });
			expect((await subject().items.read(ARTICLES, ['7', '', 'null', "' or 1=1"], ['title'])).size).toBe(0);
			const tickets = shapeOf('tickets');
			expect((await subject().items.read(tickets, ['7x', '', '7.5', key(1)], ['title'])).size).toBe(0);
			expect([...(await subject().items.read(tickets, ['7'], ['title'])).keys()]).toEqual(['7']);
		});

		it('are listed in the order of their keys, page by page', async () => {
			const pages = { shape: shapeOf('tickets'), items: ['9', '10', '2', '100'] };
			for (const item of pages.items) await subject().put({ collection: 'tickets', item }, { title: item });
			expect(await subject().items.keys(pages.shape, null, 3)).toEqual(['2', '9', '10']);
			expect(await subject().items.keys(pages.shape, '10', 3)).toEqual(['100']);
			expect(await subject().items.keys(pages.shape, '100', 3)).toEqual([]);
		});

		it('are listed by keys that people choose, each once', async () => {
			const items = ['b', 'a', 'a/b', 'c d', 'é'];
			for (const item of items) await subject().put({ collection: 'pages', item }, { title: item });
			const found: string[] = [];
			for (let after: string | null = null, more = true; more; ) {
				const page: string[] = await subject().items.keys(shapeOf('pages'), after, 2);
				found.push(...page);
				after = page.at(-1) ?? null;
				more = page.length > 0;
			}
			expect(found.sort()).toEqual(items.sort());
		});

		it('match a filter or do not', async () => {
			await subject().put(article(1), { title: 'Yes' });
			await subject().put(article(2), { title: 'No' });
			await subject().put(article(3), { title: 'Yes' });
			const rule = { title: { _eq: 'Yes' } };
			expect([...(await subject().items.matching(ARTICLES, [key(1), key(2), key(4)], rule))]).toEqual([key(1)]);
			expect([...(await subject().items.matching(ARTICLES, [], rule))]).toEqual([]);
		});
	});
}
