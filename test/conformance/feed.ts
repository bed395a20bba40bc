/** What every implementation of the feed does. */
import { describe, expect, it } from 'vitest';
import type { FeedRow, Touch, TouchOptions } from '../../src/feed/port.ts';
import { suspectTouch } from '../../src/feed/touch.ts';
import { digestText } from '../../src/replication/digest.ts';
import { at, OTHER, rowOf, stampsOf, type TableSubject } from './subject.ts';

const touchOf = (item: string, number: number, touch: Partial<Touch> = {}): Touch => ({
	...suspectTouch({ collection: 'articles', item }, at(number)),
	...touch,
});

export function describeFeed(subject: () => TableSubject): void {
	const touch = (touches: Touch[], options?: TouchOptions) => subject().feed.touch(touches, options);
	const row = (item: string): Promise<FeedRow> => rowOf(subject(), { collection: 'articles', item });

	/** Settles an item as living, with a stamp, and numbers it. */
	const settle = async (...items: string[]) => {
		const rows = await Promise.all(items.map((item) => row(item)));
		await subject().feed.settle(
			rows.map((each) => ({ row: { ...each, life: 1, stamps: stampsOf(1), path: [OTHER] }, number: true })),
		);
	};

	describe('the feed', () => {
		it('starts empty', async () => {
			expect(await subject().feed.head()).toBe(0);
			expect(await subject().feed.unsettled(10)).toEqual([]);
			expect(await subject().feed.after(0, 10)).toEqual([]);
			expect(await subject().feed.read([{ collection: 'articles', item: '1' }])).toEqual([]);
		});

		it('keeps the latest touch, and counts the writes', async () => {
			await touch([touchOf('1', 2)]);
			expect(await row('1')).toEqual({
				collection: 'articles',
				item: '1',
				seq: null,
				touched: at(2),
				rev: 0,
				life: 0,
				born: null,
				stamps: {},
				path: [],
			});
			await touch([touchOf('1', 3)]);
			await touch([touchOf('1', 1)]);
			expect(await row('1')).toMatchObject({ touched: at(3), rev: 2 });
		});

		it('gives a new item its birth, and an item that lives keeps it', async () => {
			await touch([touchOf('1', 1, { created: true })]);
			await touch([touchOf('1', 2)]);
			expect((await row('1')).born).toBe(at(1));
			await settle('1');
			await touch([touchOf('1', 3, { created: true })]);
			expect((await row('1')).born).toBe(at(1));
		});

		it('gives a dead item a new birth', async () => {
			await touch([touchOf('1', 1, { created: true })]);
			await subject().feed.settle([{ row: { ...(await row('1')), life: 2 }, number: true }]);
			await touch([touchOf('1', 3)]);
			expect((await row('1')).born).toBe(at(1));
			await touch([touchOf('1', 4, { created: true })]);
			expect((await row('1')).born).toBe(at(4));
		});

		it('keeps which items a key has had, and the birth that is settled', async () => {
			await touch([touchOf('1', 1, { created: true })]);
			const dead = { ...(await row('1')), life: 2, buried: [null, at(1)] };
			await subject().feed.settle([{ row: dead, number: true }]);
			expect(await row('1')).toMatchObject({ life: 2, buried: [null, at(1)] });
			await touch([touchOf('1', 3)]);
			await subject().feed.settle([{ row: { ...(await row('1')), life: 3, born: at(3) }, number: true }]);
			expect(await row('1')).toMatchObject({ life: 3, born: at(3), buried: [null, at(1)] });
		});

		it('can leave out items it does not know', async () => {
			await touch([touchOf('1', 1)]);
			await touch([touchOf('1', 2), touchOf('2', 2)], { onlyKnown: true });
			expect((await row('1')).touched).toBe(at(2));
			await expect(row('2')).rejects.toThrow('no row');
		});

		it('takes an item out of its place when it is to be sent again', async () => {
			await touch([touchOf('1', 1)]);
			await settle('1');
			await touch([touchOf('1', 2)], { again: true });
			expect(await row('1')).toMatchObject({ seq: null, path: [], touched: at(2), life: 1 });
		});

		it('remembers stamps of a row that has not changed, and leaves its place and its touch', async () => {
			await touch([touchOf('1', 1)]);
			await settle('1');
			await touch([touchOf('1', 2)]);
			const before = await row('1');
			await subject().feed.remember([{ ...before, stamps: stampsOf(3) }]);
			expect(await row('1')).toEqual({ ...before, stamps: stampsOf(3), rev: before.rev + 1 });
			await subject().feed.remember([{ ...before, stamps: stampsOf(4) }]);
			expect((await row('1')).stamps).toEqual(stampsOf(3));
		});

		it('numbers settled rows in the given order, without gaps', async () => {
			await touch(['1', '2', '3'].map((item) => touchOf(item, 1)));
			await settle('3', '1', '2');
			expect(await subject().feed.head()).toBe(3);
			expect((await subject().feed.after(0, 10)).map(({ item, seq }) => [item, seq])).toEqual([
				['3', 1],
				['1', 2],
				['2', 3],
			]);
			expect(await row('3')).toMatchObject({ touched: null, rev: 1, life: 1, path: [OTHER] });
		});

		it('only clears the touch where no number is asked for', async () => {
			await touch([touchOf('1', 1)]);
			await settle('1');
			await touch([touchOf('1', 2)]);
			await subject().feed.settle([{ row: await row('1'), number: false }]);
			expect(await row('1')).toMatchObject({ seq: 1, touched: null });
			expect(await subject().feed.head()).toBe(1);
		});

		it('leaves alone what has changed since it was read', async () => {
			await touch([touchOf('1', 1)]);
			const read = await row('1');
			await touch([touchOf('1', 2)]);
			await subject().feed.settle([{ row: { ...read, life: 1 }, number: true }]);
			expect(await row('1')).toMatchObject({ seq: null, touched: at(2), life: 0, rev: 1 });
		});

		it('lists what is unsettled, the oldest touch first', async () => {
			await touch([touchOf('1', 3), touchOf('2', 1), touchOf('3', 2)]);
			await settle('3');
			expect((await subject().feed.unsettled(10)).map(({ item }) => item)).toEqual(['2', '1']);
			expect((await subject().feed.unsettled(1)).map(({ item }) => item)).toEqual(['2']);
			expect(await subject().feed.unsettled(10, ['articles'])).toEqual([]);
			expect(await subject().feed.unsettled(10, ['pages'])).toHaveLength(2);
		});

		it('counts what has no place in it yet, by collection', async () => {
			await touch([touchOf('1', 1), touchOf('2', 2), touchOf('3', 3)]);
			await settle('1', '2');
			await touch([touchOf('1', 4), { ...touchOf('9', 5), collection: 'pages' }]);
			const { unsettled } = await subject().feed.backlog();
			expect([...unsettled].sort()).toEqual([
				['articles', 2],
				['pages', 1],
			]);
			await settle('1', '3');
			expect([...(await subject().feed.backlog()).unsettled]).toEqual([['pages', 1]]);
		});

		it('lists and counts what comes after a seq', async () => {
			await touch([touchOf('1', 1), touchOf('2', 1), touchOf('3', 1)]);
			await settle('1', '2', '3');
			expect((await subject().feed.after(1, 1)).map(({ item }) => item)).toEqual(['2']);
			expect((await subject().feed.after(3, 10)).map(({ item }) => item)).toEqual([]);
			expect(await subject().feed.countAfter(1, 3, ['articles'])).toBe(2);
			expect(await subject().feed.countAfter(0, 1, ['articles'])).toBe(1);
			expect(await subject().feed.countAfter(0, 3, ['pages'])).toBe(0);
			expect(await subject().feed.countAfter(0, 3, [])).toBe(0);
		});

		it('introduces items it does not know, and only those', async () => {
			await touch([touchOf('1', 1)]);
			const known = { touched: at(2), life: 1, born: null, stamps: stampsOf(1), path: [] };
			await subject().feed.introduce(['1', '2'].map((item) => ({ collection: 'articles', item, ...known })));
			expect(await row('1')).toMatchObject({ life: 0, touched: at(1) });
			expect(await row('2')).toEqual({ collection: 'articles', item: '2', ...known, seq: null, rev: 0 });
		});

		it('finds the living items that have a value in a field', async () => {
			const items = ['1', '2', '3', '4'];
			await touch(items.map((item) => touchOf(item, 1)));
			await settle('1', '2', '3');
			const dead = { ...(await row('3')), life: 2 };
			const other = { ...(await row('2')), stamps: { body: { at: at(1), digest: digestText('x') } } };
			await subject().feed.settle([dead, other].map((each) => ({ row: each, number: false })));
			const referring = (field: string, ...texts: string[]) =>
				subject().feed.referring('articles', field, texts.map(digestText));
			expect(await referring('title', 'x')).toEqual([{ collection: 'articles', item: '1' }]);
			expect(await referring('body', 'y', 'x')).toEqual([{ collection: 'articles', item: '2' }]);
			expect(await referring('title', 'y')).toEqual([]);
			expect(await referring('title')).toEqual([]);
			expect(await subject().feed.referring('pages', 'title', [digestText('x')])).toEqual([]);
			expect(await referring('title', ...Array.from({ length: 120 }, (_, number) => `${number}`), 'x')).toHaveLength(1);
		});

		it('numbers each of two settlements that come at the same moment', async () => {
			await touch(['1', '2', '3', '4'].map((item) => touchOf(item, 1)));
			await Promise.all([settle('1', '2'), settle('3', '4')]);
			expect((await subject().feed.after(0, 10)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
			expect(await subject().feed.head()).toBe(4);
		});

		it('settles a row once, whoever comes first', async () => {
			await touch([touchOf('1', 1)]);
			const read = { ...(await row('1')), life: 1, stamps: stampsOf(1) };
			const settled = { row: read, number: true };
			await Promise.all([subject().feed.settle([settled]), subject().feed.settle([settled])]);
			expect(await row('1')).toMatchObject({ touched: null, life: 1, rev: 1 });
		});

		it('keeps keys apart that look alike, and texts of any kind', async () => {
			const items = ['a', 'A', 'a ', ' a', 'ä', 'a\u0308', "it's", '"', '\\', '%', '../a', '🌍', 'x'.repeat(255)];
			await touch(items.map((item) => touchOf(item, 1)));
			await settle(...items);
			const known = await subject().feed.after(0, 100);
			expect(known.map(({ item }) => item)).toEqual(items);
		});

		it('takes more than one statement can carry', async () => {
			const items = Array.from({ length: 1100 }, (_, number) => String(number));
			await touch(items.map((item) => touchOf(item, 1)));
			const read = await subject().feed.unsettled(2000);
			expect(read).toHaveLength(1100);
			await subject().feed.settle(read.map((each) => ({ row: each, number: true })));
			expect(await subject().feed.unsettled(10)).toEqual([]);
			expect(await subject().feed.head()).toBe(1100);
		});

		it('does nothing for nothing', async () => {
			await touch([]);
			await subject().feed.settle([]);
			await subject().feed.introduce([]);
			expect(await subject().feed.head()).toBe(0);
		});
	});
}
