import { beforeEach, describe, expect, it } from 'vitest';
import type { CollectionShape } from '../../src/content/port.ts';
import { settle } from '../../src/feed/settle.ts';
import { push } from '../../src/push/push.ts';
import { infoOf } from '../simulator/memory/wire.ts';
import { createTestNetwork, type TestNetwork } from '../support/memory/network.ts';
import { createTestNode, shape, source, type TestNode, type TestNodeOptions } from '../support/memory/node.ts';

const NOTES: CollectionShape = {
	...shape('notes', {}),
	fields: new Map([
		['title', { type: 'string' }],
		['price', { type: 'decimal' }],
		['author', { type: 'uuid', user: true as const }],
		['editor', { type: 'uuid', user: true as const, setOn: { kind: 'update', to: 'user' } as const }],
	]),
};
const SHAPES = new Map([[NOTES.collection, NOTES]]);
const SCHEMA = [{ collection: 'notes', fields: [...NOTES.fields.keys()] }];
/** Ada has another id at the end of the chain, and no account in its middle. Bob has one everywhere. */
const ADA = 'ada@example.com';
const BOB = 'bob@example.com';

describe('a user that a field refers to', () => {
	let network: TestNetwork;
	let first: TestNode;
	let middle: TestNode;
	let last: TestNode;

	const create = (number: number, users: Record<string, string>, to: string[], options: TestNodeOptions = {}) => {
		const sources = to.map((id) => source(id, { schema: SCHEMA }));
		const node = createTestNode({
			number,
			shapes: SHAPES,
			users: new Map(Object.entries(users)),
			sources,
			transport: network.transport,
			...options,
		});
		network.join(`https://${['first', 'middle', 'last'][number - 1]}.example`, node.ports);
		return node;
	};

	beforeEach(() => {
		network = createTestNetwork();
		first = create(1, { 'ada-1': ADA, 'bob-1': BOB, carl: 'carl@example.com' }, ['middle']);
		middle = create(2, { 'bob-2': BOB }, ['first', 'last']);
		last = create(3, { 'ada-3': ADA, 'bob-3': 'BOB@example.com'.toLowerCase() }, ['middle']);
	});

	const pushTo = async (from: TestNode, name: string, to: TestNode) => {
		await settle(from.ports);
		await from.ports.checkpoints.request([name], from.data.lastSeq);
		const target = from.data.sources.find(({ id }) => id === name);
		if (!target) throw new Error(`no source ${name}`);
		return push(from.ports, target, infoOf(to.ports));
	};

	const along = async () => {
		await pushTo(first, 'middle', middle);
		await pushTo(middle, 'last', last);
	};

	it('is found by id, else by e-mail address, else left empty', async () => {
		middle.data.users = new Map([...middle.data.users, ['carl', 'another@example.com']]);
		for (const author of ['carl', 'bob-1', 'ada-1']) await first.edit('notes', author, { title: 'by', author });
		await pushTo(first, 'middle', middle);
		expect(['carl', 'bob-1', 'ada-1'].map((item) => middle.value('notes', item, 'author'))).toEqual([
			'carl',
			'bob-2',
			null,
		]);
	});

	it('is passed on as the origin told it by a node that does not know him', async () => {
		await first.edit('notes', '1', { title: 'A', author: 'ada-1', editor: 'bob-1' });
		await along();
		expect(middle.value('notes', '1', 'author')).toBeNull();
		expect(last.value('notes', '1', 'author')).toBe('ada-3');
		expect(last.value('notes', '1', 'editor')).toBe('bob-3');
		expect(network.sent.at(-1)?.changes[0]?.fields.author).toMatchObject({ value: 'ada-1', email: ADA });
	});

	it('is not overwritten by the emptiness of a node that does not know him, when it edits another field', async () => {
		await first.edit('notes', '1', { title: 'A', author: 'ada-1' });
		await along();
		await middle.edit('notes', '1', { title: 'edited in the middle' });
		await pushTo(middle, 'first', first);
		await pushTo(middle, 'last', last);
		expect(first.data.items.get('notes\u00001')).toMatchObject({ title: 'edited in the middle', author: 'ada-1' });
		expect(last.data.items.get('notes\u00001')).toMatchObject({ title: 'edited in the middle', author: 'ada-3' });
	});

	it('is replaced by whoever is chosen there later, and by nobody where he is taken out', async () => {
		await first.edit('notes', '1', { title: 'A', author: 'ada-1' });
		await along();
		await middle.edit('notes', '1', { author: 'bob-2' });
		await pushTo(middle, 'first', first);
		await pushTo(middle, 'last', last);
		expect(first.value('notes', '1', 'author')).toBe('bob-1');
		expect(last.value('notes', '1', 'author')).toBe('bob-3');
		await last.edit('notes', '1', { author: null });
		await pushTo(last, 'middle', middle);
		await pushTo(middle, 'first', first);
		expect(first.value('notes', '1', 'author')).toBeNull();
	});

	it('costs no second word: what was left empty is not told back, and told again it changes nothing', async () => {
		await first.edit('notes', '1', { title: 'A', author: 'ada-1' });
		await along();
		for (const [from, name, to] of [
			[middle, 'first', first],
			[last, 'middle', middle],
			[first, 'middle', middle],
		] as const) {
			expect(await pushTo(from, name, to)).toMatchObject({ applied: 0, superseded: 0 });
		}
		expect(network.sent).toHaveLength(2);
	});

	it('shows his e-mail address only where the field is listed', async () => {
		const withoutAuthor = source('middle', { schema: [{ collection: 'notes', fields: ['title'] }] });
		first.data.sources = [withoutAuthor];
		await first.edit('notes', '1', { title: 'A', author: 'ada-1' });
		await pushTo(first, 'middle', middle);
		expect(JSON.stringify(network.sent)).not.toContain('@');
	});

	it('who wrote last stays where another field of the item arrives under an older date', async () => {
		await first.edit('notes', '1', { title: 'A', price: 1, editor: null });
		await pushTo(first, 'middle', middle);
		await first.edit('notes', '1', { title: 'B', editor: 'ada-1' });
		await settle(first.ports);
		middle.wall.now = first.wall.now;
		await middle.edit('notes', '1', { price: 2, editor: 'bob-2' });
		await pushTo(first, 'middle', middle);
		expect(middle.data.items.get('notes\u00001')).toMatchObject({ title: 'B', price: 2, editor: 'bob-2' });
		expect([...middle.data.conflicts.values()]).toEqual([]);
	});

	it('as with him, so with a number: one that the middle keeps less exactly arrives exactly', async () => {
		middle = create(2, {}, ['first', 'last'], {
			vendor: { ...middle.data.vendor, store: (type, value) => (type === 'decimal' ? Number(value) : value) },
		});
		await first.edit('notes', '1', { price: '12345678901234567890.12' });
		await along();
		expect(middle.value('notes', '1', 'price')).toBe(12345678901234567000);
		expect(last.value('notes', '1', 'price')).toBe('12345678901234567890.12');
		await middle.edit('notes', '1', { title: 'edited in the middle' });
		await pushTo(middle, 'first', first);
		expect(first.value('notes', '1', 'price')).toBe('12345678901234567890.12');
	});
});
