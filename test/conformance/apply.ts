/** What every implementation of the receiver's transaction does. */
import { describe, expect, it } from 'vitest';
import { StaleError } from '../../src/apply/errors.ts';
import type { ApplyTransaction, NotedConflict, RecordedRow } from '../../src/apply/port.ts';
import type { ItemWrite, Ref, Values } from '../../src/content/port.ts';
import { suspectTouch } from '../../src/feed/touch.ts';
import { OWN_CHECKPOINT } from '../../src/link/port.ts';
import { digestText } from '../../src/replication/digest.ts';
import type { Turn } from '../../src/replication/turns.ts';
import { article, at, key, NODE, OTHER, rowOf, SOURCE_A, type Subject, shapeOf, stampsOf } from './subject.ts';

const ARTICLES = shapeOf('articles');

const recorded = (ref: Ref, isNew: boolean): RecordedRow => ({
	...ref,
	life: 1,
	born: at(1),
	stamps: stampsOf(2),
	path: [OTHER],
	isNew,
});

const writeOf = (kind: 'create' | 'update', ref: Ref, values: Values): ItemWrite => ({ ...ref, kind, values });

/** What the run rejects with. */
const rejection = (run: Promise<unknown>): Promise<unknown> =>
	run.then(
		() => null,
		(error: unknown) => error,
	);

export function describeApply(subject: () => Subject): void {
	const title = async (number: number): Promise<unknown> =>
		(await subject().items.read(ARTICLES, [key(number)], ['title'])).get(key(number))?.title;
	const touch = (ref: Ref, number: number) => subject().feed.touch([suspectTouch(ref, at(number))]);
	const write = (transaction: ApplyTransaction, each: ItemWrite) => transaction.write(shapeOf(each.collection), each);

	describe('an apply transaction', () => {
		it('creates, updates and deletes items', async () => {
			await subject().put(article(2), { title: 'Two', body: 'stays' });
			await subject().put(article(3), { title: 'Three' });
			await subject().apply.transaction(async (transaction) => {
				await write(transaction, writeOf('create', article(1), { title: 'One' }));
				await write(transaction, writeOf('update', article(2), { title: 'Two, changed' }));
				await write(transaction, { ...article(3), kind: 'delete' });
			});
			const found = await subject().items.read(ARTICLES, [key(1), key(2), key(3)], ['title', 'body']);
			expect(found.get(key(1))).toMatchObject({ title: 'One', body: null });
			expect(found.get(key(2))).toMatchObject({ title: 'Two, changed', body: 'stays' });
			expect(found.has(key(3))).toBe(false);
		});

		it('hands back what its work resolves to, and knows the shapes', async () => {
			const shape = await subject().apply.transaction((transaction) => transaction.shape('articles'));
			expect(shape?.primaryKey).toBe('id');
			expect(await subject().apply.transaction((transaction) => transaction.shape('nothing'))).toBe(null);
		});

		it('remembers the last turn of each sender and source, once it has committed', async () => {
			const turn = (number: number) => `00000000000${number}` as Turn;
			const last = (source: string, node = OTHER) =>
				subject().apply.transaction((transaction) => transaction.lastTurn(node, source));
			expect(await last('a')).toBe(null);
			for (const number of [1, 2])
				await subject().apply.transaction((transaction) => transaction.recordTurn(OTHER, 'a', turn(number)));
			await rejection(
				subject().apply.transaction(async (transaction) => {
					await transaction.recordTurn(OTHER, 'a', turn(3));
					throw new Error('enough');
				}),
			);
			expect(await last('a')).toBe(turn(2));
			expect(await last('b')).toBe(null);
			expect(await last('a', NODE)).toBe(null);
		});

		it('leaves nothing behind when its work rejects', async () => {
			const failure = new Error('enough');
			const run = subject().apply.transaction(async (transaction) => {
				await write(transaction, writeOf('create', article(1), { title: 'One' }));
				await transaction.record([recorded(article(1), true)]);
				throw failure;
			});
			expect(await rejection(run)).toBe(failure);
			expect(await title(1)).toBe(undefined);
			expect(await subject().feed.read([article(1)])).toEqual([]);
		});

		it('sees its own writes', async () => {
			const seen = await subject().apply.transaction(async (transaction) => {
				await write(transaction, writeOf('create', article(1), { title: 'One' }));
				const created = await transaction.read(ARTICLES, [key(1), key(2)], ['title']);
				await write(transaction, { ...article(1), kind: 'delete' });
				return [created, await transaction.read(ARTICLES, [key(1)], ['title'])];
			});
			expect(seen.map((each) => [...each].map(([item, { title }]) => [item, title]))).toEqual([[[key(1), 'One']], []]);
		});

		it('locks what there is: rows, values, both or neither', async () => {
			await subject().put(article(1), { title: 'One', secret: 'not asked for' });
			await touch(article(1), 1);
			await subject().put(article(2), { title: 'Two' });
			await touch(article(3), 3);
			const items = [key(3), key(1), key(4), key(2)];
			const locked = await subject().apply.transaction((transaction) => transaction.lock(ARTICLES, items, ['title']));
			expect(locked.map(({ item }) => item)).toEqual(items);
			const [three, one, four, two] = locked;
			expect(one).toMatchObject({ row: { touched: at(1), rev: 0 }, values: { title: 'One' } });
			expect(one?.values).not.toHaveProperty('secret');
			expect(two).toMatchObject({ row: null, values: { title: 'Two' } });
			expect(three).toMatchObject({ row: { touched: at(3) }, values: null });
			expect(four).toMatchObject({ row: null, values: null });
		});

		it('records rows unsettled: new ones, and those it has locked', async () => {
			await touch(article(1), 1);
			await subject().feed.settle([{ row: { ...(await rowOf(subject(), article(1))), life: 1 }, number: true }]);
			await subject().apply.transaction(async (transaction) => {
				await transaction.lock(ARTICLES, [key(1), key(2)], []);
				await transaction.record([recorded(article(1), false), recorded(article(2), true)]);
			});
			const { isNew: _, ...known } = recorded(article(1), false);
			expect(await rowOf(subject(), article(1))).toEqual({ ...known, seq: null, touched: null, rev: 2 });
			expect(await rowOf(subject(), article(2))).toEqual({ ...known, ...article(2), seq: null, touched: null, rev: 0 });
			expect((await subject().feed.unsettled(10)).map(({ item }) => item).sort()).toEqual([key(1), key(2)]);
		});

		it('records which items a key has had', async () => {
			const buried = [null, at(3)];
			await subject().apply.transaction((transaction) =>
				transaction.record([{ ...recorded(article(1), true), buried }]),
			);
			expect(await rowOf(subject(), article(1))).toMatchObject({ life: 1, born: at(1), buried });
			await subject().apply.transaction((transaction) =>
				transaction.record([{ ...recorded(article(1), false), life: 2, stamps: {}, buried: [...buried, at(4)] }]),
			);
			expect(await rowOf(subject(), article(1))).toMatchObject({ life: 2, buried: [...buried, at(4)] });
		});

		it('refuses to take an item for new that has been touched meanwhile', async () => {
			await touch(article(1), 5);
			const run = subject().apply.transaction(async (transaction) => {
				await write(transaction, writeOf('create', article(1), { title: 'One' }));
				await transaction.record([recorded(article(1), true)]);
			});
			expect(await rejection(run)).toBeInstanceOf(StaleError);
			expect(await title(1)).toBe(undefined);
			expect(await rowOf(subject(), article(1))).toMatchObject({ touched: at(5), life: 0 });
		});

		it('undoes a part that fails, and goes on', async () => {
			const refusals = await subject().apply.transaction(async (transaction) => {
				await write(transaction, writeOf('create', article(1), { title: 'One' }));
				const isolated = (...writes: ItemWrite[]) =>
					rejection(
						transaction.isolated(async () => {
							for (const each of writes) await write(transaction, each);
						}),
					);
				return [
					await isolated(
						writeOf('create', article(2), { title: 'Two' }),
						writeOf('create', article(3), { author: key(9) }),
					),
					await isolated(writeOf('create', article(1), { title: 'One again' })),
					await isolated(writeOf('update', article(4), { title: 'Four' })),
					await isolated(writeOf('create', article(5), { title: 'Five' })),
				];
			});
			expect(refusals).toMatchObject([
				{ name: 'Refusal', outcome: 'pending', code: 'missing_parent' },
				{ name: 'Refusal', outcome: 'failed', code: 'not_unique' },
				{ name: 'Refusal', outcome: 'failed', code: 'forbidden' },
				{},
			]);
			expect(refusals[3]).toBe(null);
			expect([await title(1), await title(2), await title(3), await title(5)]).toEqual([
				'One',
				undefined,
				undefined,
				'Five',
			]);
		});

		it('writes a child after its parent', async () => {
			await subject().apply.transaction(async (transaction) => {
				await write(transaction, writeOf('create', { collection: 'authors', item: key(9) }, { name: 'Someone' }));
				await write(transaction, writeOf('create', article(1), { author: key(9) }));
			});
			const found = await subject().items.read(ARTICLES, [key(1)], ['author']);
			expect(found.get(key(1))?.author).toBe(key(9));
		});

		it('counts conflicts once, for their source and for the node, when it commits', async () => {
			const conflict = (loser: number, source: string | null): NotedConflict => ({
				...article(1),
				field: 'title',
				winner: at(9),
				loser: at(loser),
				source,
			});
			const note = (...conflicts: NotedConflict[]) =>
				subject().apply.transaction((transaction) => transaction.noteConflicts(conflicts));
			const count = async (source: string) => (await subject().checkpoints.read(source)).health.conflicts;
			expect(await count(SOURCE_A)).toBe(0);
			await note(conflict(1, SOURCE_A), conflict(2, null));
			await note(conflict(1, SOURCE_A), { ...conflict(1, SOURCE_A), field: null });
			const failed = subject().apply.transaction(async (transaction) => {
				await transaction.noteConflicts([conflict(3, SOURCE_A)]);
				throw new Error('enough');
			});
			await rejection(failed);
			expect([await count(SOURCE_A), await count(OWN_CHECKPOINT)]).toEqual([2, 3]);
		});

		it('runs alone: the next begins when it has ended', async () => {
			const order: string[] = [];
			const transaction = (name: string, inside: () => void) =>
				subject().apply.transaction(async (inner) => {
					order.push(`${name} begins`);
					inside();
					for (let count = 0; count < 5; count += 1) await inner.read(ARTICLES, [key(1)], ['title']);
					order.push(`${name} ends`);
				});
			let second: Promise<void> | undefined;
			await transaction('first', () => {
				second = transaction('second', () => {});
			});
			await second;
			expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
		});

		it('finds and touches what has a value in a field, with what it has recorded itself', async () => {
			await touch(article(1), 1);
			await subject().apply.transaction(async (transaction) => {
				await transaction.record([recorded(article(1), false), recorded(article(2), true)]);
				const found = await transaction.referring('articles', 'title', [digestText('x')]);
				expect(found).toEqual([article(1), article(2)]);
				const unknown = suspectTouch(article(3), at(5));
				await transaction.touch([{ ...unknown, ...article(2) }, unknown]);
			});
			expect(await rowOf(subject(), article(1))).toMatchObject({ touched: null });
			expect(await rowOf(subject(), article(2))).toMatchObject({ touched: at(5), stamps: stampsOf(2) });
			expect(await subject().feed.read([article(3)])).toEqual([]);
		});

		it('lets a touch of a row that it has locked come after it', async () => {
			await touch(article(1), 1);
			let touched: Promise<void> | undefined;
			await subject().apply.transaction(async (transaction) => {
				await transaction.lock(ARTICLES, [key(1)], ['title']);
				touched = touch(article(1), 7);
				await transaction.record([recorded(article(1), false)]);
			});
			await touched;
			expect(await rowOf(subject(), article(1))).toMatchObject({ touched: at(7), life: 1, rev: 2 });
		});

		it('lets an edit of an item that it has locked come after it', async () => {
			await subject().put(article(1), { title: 'Before' });
			let edited: Promise<void> | undefined;
			await subject().apply.transaction(async (transaction) => {
				await transaction.lock(ARTICLES, [key(1)], ['title']);
				edited = subject().put(article(1), { title: 'Edited' });
				await write(transaction, writeOf('update', article(1), { title: 'From afar' }));
			});
			await edited;
			expect(await title(1)).toBe('Edited');
		});

		it('notices an item that becomes known while it runs', async () => {
			if (subject().exclusive) return;
			const run = subject().apply.transaction(async (transaction) => {
				const [locked] = await transaction.lock(ARTICLES, [key(1)], ['title']);
				await touch(article(1), 7);
				await transaction.record([recorded(article(1), locked?.row === null)]);
			});
			expect(await rejection(run)).toBeInstanceOf(StaleError);
			expect(await rowOf(subject(), article(1))).toMatchObject({ touched: at(7), life: 0 });
		});

		it('makes a settlement that has read before it start over', async () => {
			await touch(article(1), 1);
			const read = await rowOf(subject(), article(1));
			await subject().apply.transaction(async (transaction) => {
				await transaction.lock(ARTICLES, [key(1)], []);
				await transaction.record([recorded(article(1), false)]);
			});
			await subject().feed.settle([{ row: { ...read, life: 3 }, number: true }]);
			expect(await rowOf(subject(), article(1))).toMatchObject({ seq: null, life: 1, stamps: stampsOf(2) });
		});
	});
}
