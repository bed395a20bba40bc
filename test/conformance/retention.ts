/** What every implementation of the cleaning does. */
import { describe, expect, it } from 'vitest';
import type { FeedRow } from '../../src/feed/port.ts';
import { suspectTouch } from '../../src/feed/touch.ts';
import { at, rowOf, stampsOf, type TableSubject } from './subject.ts';

const LATER = Number.MAX_SAFE_INTEGER;

export function describeRetention(subject: () => TableSubject): void {
	const ref = (item: string, collection = 'articles') => ({ collection, item });
	const row = (item: string): Promise<FeedRow> => rowOf(subject(), ref(item));
	const touch = (item: string, number: number, options: { created?: boolean; collection?: string } = {}) =>
		subject().feed.touch([
			{ ...suspectTouch(ref(item, options.collection), at(number)), created: options.created ?? false },
		]);

	/** Settles items with a life, and numbers them. */
	const settle = async (life: number, ...items: string[]) => {
		for (const item of items) await touch(item, 1);
		const rows = await Promise.all(items.map(row));
		const stamps = life % 2 === 1 ? stampsOf(1) : {};
		await subject().feed.settle(rows.map((each) => ({ row: { ...each, life, stamps }, number: true })));
	};

	const tombstones = async (options: { before?: number; upTo?: number; limit?: number } = {}) =>
		(await subject().retention.tombstones({ before: LATER, upTo: LATER, limit: 10, ...options })).map(
			({ item }) => item,
		);

	describe('retention', () => {
		it('has forgotten nothing at first', async () => {
			expect(await subject().retention.forgotten()).toEqual({ seq: 0, lives: {}, unlisted: {} });
			expect(await subject().retention.collections()).toEqual([]);
			expect(await tombstones()).toEqual([]);
		});

		it('finds settled deletions, by their age here and their seq', async () => {
			await settle(1, 'alive');
			const start = Date.now();
			await settle(2, 'gone', 'gone too');
			await settle(2, 'touched');
			await touch('touched', 5);
			expect((await tombstones()).sort()).toEqual(['gone', 'gone too']);
			expect(await tombstones({ limit: 1 })).toHaveLength(1);
			expect(await tombstones({ before: start - 1 })).toEqual([]);
			expect(await tombstones({ upTo: (await row('gone')).seq ?? 0 })).toEqual(['gone']);
		});

		it('finds no item that was created again, and keeps the age of a deletion that is settled again', async () => {
			await settle(2, 'again', 'gone');
			const known = Date.now();
			await settle(3, 'again');
			await settle(2, 'gone');
			expect(await tombstones({ before: known })).toEqual(['gone']);
		});

		it('drops rows, and remembers their highest seq and life', async () => {
			await settle(2, 'one');
			await settle(4, 'two');
			await settle(1, 'alive');
			const rows = await Promise.all(['one', 'two'].map(row));
			await subject().retention.drop(rows, { articles: 4 });
			expect(await tombstones()).toEqual([]);
			expect(await subject().feed.read([ref('one'), ref('two')])).toEqual([]);
			expect(await subject().retention.forgotten()).toEqual({ seq: 2, lives: { articles: 4 }, unlisted: {} });

			await subject().retention.drop([await row('alive')], {});
			expect(await subject().retention.forgotten()).toMatchObject({ seq: 2, lives: { articles: 4 } });
			await settle(2, 'three');
			await subject().retention.drop([await row('three')], { articles: 2, pages: 2 });
			expect(await subject().retention.forgotten()).toMatchObject({ seq: 4, lives: { articles: 4, pages: 2 } });
		});

		it('leaves alone what has changed since it was read', async () => {
			await settle(2, 'one');
			const read = await row('one');
			await touch('one', 5);
			await subject().retention.drop([read], { articles: 2 });
			expect(await row('one')).toMatchObject({ touched: at(5), life: 2 });
			expect(await subject().retention.forgotten()).toMatchObject({ seq: 0 });
		});

		it('lets an item that is created again begin above the deletions that were dropped', async () => {
			await settle(2, 'one');
			await subject().retention.drop([await row('one')], { articles: 2 });
			await touch('one', 3, { created: true });
			await touch('old', 3);
			await touch('one', 3, { created: true, collection: 'pages' });
			expect(await row('one')).toMatchObject({ life: 2, born: at(3), stamps: {}, seq: null, touched: at(3) });
			expect(await row('old')).toMatchObject({ life: 0 });
			expect(await rowOf(subject(), ref('one', 'pages'))).toMatchObject({ life: 0 });
		});

		it('lists the rows of a collection page by page', async () => {
			await settle(1, '2', '1', '3');
			await touch('4', 1, { collection: 'pages' });
			const items = async (after: string, limit: number) =>
				(await subject().retention.rowsOf('articles', after, limit)).map(({ item }) => item);
			expect(await items('', 2)).toEqual(['1', '2']);
			expect(await items('2', 2)).toEqual(['3']);
			expect((await subject().retention.collections()).sort()).toEqual(['articles', 'pages']);
		});

		it('remembers since when collections are not listed', async () => {
			await subject().retention.noteUnlisted({ articles: 5 });
			await settle(2, 'one');
			await subject().retention.drop([await row('one')], { articles: 2 });
			expect(await subject().retention.forgotten()).toEqual({
				seq: 1,
				lives: { articles: 2 },
				unlisted: { articles: 5 },
			});
		});
	});
}
