import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { apply } from '../../src/apply/apply.ts';
import { settle } from '../../src/feed/settle.ts';
import type { Change } from '../../src/replication/change.ts';
import type { Json } from '../../src/replication/digest.ts';
import { createTimestamp, type Timestamp, UNWRITTEN } from '../../src/replication/timestamp.ts';
import { createTestNode, nodeId, shape, source, type TestNode } from '../support/memory/node.ts';

const SENDER = nodeId(2);
const at = (offset: number): Timestamp =>
	createTimestamp({ millis: 1_767_225_600_000 + offset, counter: 0, writer: '000000000002aaaa' });

const optional = (to: string) => ({ to, by: null, nullable: true });
const SHAPES = [
	shape(
		'categories',
		{ name: 'string', parent: 'string' },
		{ references: new Map([['parent', optional('categories')]]) },
	),
	shape(
		'authors',
		{ name: 'string', favourite: 'string' },
		{ references: new Map([['favourite', optional('articles')]]) },
	),
	shape(
		'articles',
		{ title: 'string', author: 'string', category: 'string' },
		{
			references: new Map([
				['author', { to: 'authors', by: null, nullable: false }],
				['category', optional('categories')],
			]),
		},
	),
	shape(
		'sections',
		{ item: 'string', collection: 'string' },
		{ references: new Map([['item', { to: null, by: 'collection', nullable: true }]]) },
	),
];
const FOREIGN_KEYS = [
	{ collection: 'categories', field: 'parent', parent: 'categories' },
	{ collection: 'authors', field: 'favourite', parent: 'articles' },
	{ collection: 'articles', field: 'author', parent: 'authors' },
	{ collection: 'articles', field: 'category', parent: 'categories' },
];
const SCHEMA = SHAPES.map(({ collection, fields }) => ({ collection, fields: [...fields.keys()] }));

function change(name: string, fields: Record<string, Json>, options: Partial<Change> = {}): Change {
	const [collection = '', item = ''] = name.split(' ');
	const writes = Object.entries(fields).map(([field, value]) => [field, { at: at(1), value }]);
	return { collection, item, life: 1, born: at(1), fields: Object.fromEntries(writes), mode: 'upsert', ...options };
}

const gone = (name: string): Change => change(name, {}, { life: 2 });

const GRAPH = [
	change('categories root', { name: 'Root', parent: null }),
	change('categories branch', { name: 'Branch', parent: 'root' }),
	change('categories leaf', { name: 'Leaf', parent: 'branch' }),
	change('categories self', { name: 'Self', parent: 'self' }),
	change('authors ana', { name: 'Ana', favourite: 'one' }),
	change('articles one', { title: 'One', author: 'ana', category: 'leaf' }),
	change('sections s', { item: 'one', collection: 'articles' }),
];

describe('a graph of items', () => {
	let node: TestNode;
	const create = () =>
		createTestNode({
			shapes: new Map(SHAPES.map((each) => [each.collection, each])),
			foreignKeys: FOREIGN_KEYS,
			sources: [source('back', { schema: SCHEMA })],
		});
	const receive = (changes: Change[]) => apply(node.ports, { node: SENDER, path: [SENDER], link: null, changes });
	const writes = () => node.data.activity.map(({ action, item }) => `${action} ${item}`);

	beforeEach(() => {
		node = create();
	});

	it('is applied whole in whatever order it comes, without a refusal', async () => {
		await fc.assert(
			fc.asyncProperty(fc.shuffledSubarray(GRAPH, { minLength: GRAPH.length }), async (changes) => {
				node = create();
				const results = await receive(changes);
				expect(results.map(({ outcome }) => outcome)).toEqual(changes.map(() => 'applied'));
				for (const { collection, item, fields } of GRAPH) {
					for (const [field, { value }] of Object.entries(fields)) {
						expect(node.value(collection, item, field)).toEqual(value);
						expect(node.row(collection, item).stamps[field]?.at).toBe(at(1));
					}
				}
				// Nothing looks like an edit of ours afterwards.
				await settle(node.ports);
				for (const { collection, item, fields } of GRAPH) {
					for (const field of Object.keys(fields)) expect(node.row(collection, item).stamps[field]?.at).toBe(at(1));
				}
			}),
			{ numRuns: 50 },
		);
	});

	it('is broken, where it is a ring, at the reference that may be empty', async () => {
		const [, , leaf, , ana, one] = [...GRAPH];
		for (const ring of [
			[ana, one],
			[one, ana],
		]) {
			node = create();
			node.write('categories', 'leaf', { name: 'Leaf', parent: null });
			await receive(ring.filter((each) => each !== undefined));
			expect(writes()).toEqual(['create ana', 'create one', 'update ana']);
		}
		expect(leaf).toBeDefined();
	});

	it('is deleted children first', async () => {
		await receive(GRAPH);
		const before = node.data.activity.length;
		await receive([gone('categories root'), gone('articles one'), gone('categories branch'), gone('categories leaf')]);
		expect(writes().slice(before)).toEqual(['delete one', 'delete leaf', 'delete branch', 'delete root']);
	});

	it('is deleted as a ring after the reference that may be empty was emptied', async () => {
		await receive(GRAPH);
		const before = node.data.activity.length;
		const results = await receive([gone('articles one'), gone('authors ana')]);
		expect(results.map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
		expect(writes().slice(before)).toEqual(['update ana', 'delete one', 'delete ana']);
	});

	it('leaves out no reference to an item that was there before', async () => {
		await receive(GRAPH);
		const [result] = await receive([change('articles two', { title: 'Two', author: 'ana', category: 'root' })]);
		expect(result).toEqual({ outcome: 'applied' });
	});
});

describe('a reference to an item that is not there', () => {
	let node: TestNode;
	const receive = async (...changes: Change[]) =>
		apply(node.ports, { node: SENDER, path: [SENDER], link: null, changes });
	const category = (onMissing?: Change['onMissing'], fields: Record<string, Json> = {}) =>
		change('articles one', { title: 'One', author: 'ana', category: 'later', ...fields }, { onMissing });

	beforeEach(async () => {
		node = createTestNode({
			shapes: new Map(SHAPES.map((each) => [each.collection, each])),
			foreignKeys: FOREIGN_KEYS,
			sources: [source('back', { schema: SCHEMA })],
		});
		await receive(change('authors ana', { name: 'Ana' }));
	});

	it('keeps the item waiting', async () => {
		const [result] = await receive(category());
		expect(result).toMatchObject({ outcome: 'pending', code: 'missing_parent' });
		expect(result?.message).toMatch(/articles one refers to categories later by "category"/);
		expect(node.value('articles', 'one', 'title')).toBeUndefined();
	});

	it('keeps an item of many collections waiting, too, though no database checks that', async () => {
		const [result] = await receive(change('sections s', { item: 'one', collection: 'articles' }));
		expect(result).toMatchObject({ outcome: 'pending', code: 'missing_parent' });
	});

	it.each(['leave', 'null'] as const)(
		'is not taken for received (%s), and is set when it comes again',
		async (policy) => {
			expect(await receive(category({ category: policy }))).toEqual([{ outcome: 'applied', leftOut: ['category'] }]);
			expect(node.value('articles', 'one', 'title')).toBe('One');
			expect(node.value('articles', 'one', 'category') ?? null).toBeNull();
			expect(node.row('articles', 'one').stamps.category?.at).toBe(UNWRITTEN);
			await settle(node.ports);
			expect(node.row('articles', 'one').stamps.category?.at).toBe(UNWRITTEN);

			await receive(change('categories later', { name: 'Later' }));
			expect(await receive(category({ category: policy }))).toEqual([{ outcome: 'applied' }]);
			expect(node.value('articles', 'one', 'category')).toBe('later');
			expect(node.row('articles', 'one').stamps.category?.at).toBe(at(1));
		},
	);

	it('keeps what the item referred to before, unless it is to be emptied', async () => {
		await receive(change('categories before', { name: 'Before' }), category(undefined, { category: 'before' }));
		await settle(node.ports);
		const moved = (policy: 'leave' | 'null') =>
			change(
				'articles one',
				{},
				{ fields: { category: { at: at(5), value: 'later' } }, onMissing: { category: policy } },
			);

		expect(await receive(moved('leave'))).toEqual([{ outcome: 'unchanged', leftOut: ['category'] }]);
		expect(node.value('articles', 'one', 'category')).toBe('before');
		expect(await receive(moved('null'))).toEqual([{ outcome: 'applied', leftOut: ['category'] }]);
		expect(node.value('articles', 'one', 'category')).toBeNull();
		await settle(node.ports);
		expect(node.row('articles', 'one').stamps.category?.at).toBe(UNWRITTEN);
	});

	it('keeps the item from being written at all where that is wanted', async () => {
		expect(await receive(category({ category: 'skip' }))).toEqual([{ outcome: 'skipped', leftOut: ['category'] }]);
		expect(node.value('articles', 'one', 'title')).toBeUndefined();
	});

	it('is left out for now, and asked for again, where both wait for each other', async () => {
		const [result] = await receive(category({ category: 'defer' }));
		expect(result).toMatchObject({ outcome: 'pending', code: 'missing_parent' });
		expect(node.value('articles', 'one', 'title')).toBe('One');
	});

	it('can not be left out of a new item where it must not be empty', async () => {
		const orphan = change('articles one', { title: 'One', author: 'nobody' }, { onMissing: { author: 'leave' } });
		expect(await receive(orphan)).toMatchObject([{ outcome: 'pending', code: 'missing_parent' }]);
	});

	it('says nothing of a write that would lose anyway', async () => {
		await receive(change('categories here', { name: 'Here' }), category(undefined, { category: 'here' }));
		const older = change('articles one', {}, { fields: { category: { at: at(0), value: 'later' } } });
		expect(await receive(older)).toEqual([{ outcome: 'superseded', superseded: 1 }]);
	});
});
