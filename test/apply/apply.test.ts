import { beforeEach, describe, expect, it } from 'vitest';
import { apply } from '../../src/apply/apply.ts';
import { ClockAheadError } from '../../src/apply/errors.ts';
import { settle } from '../../src/feed/settle.ts';
import { finished, TELL_ALL } from '../../src/link/fingerprint.ts';
import { compose } from '../../src/push/compose.ts';
import type { Change } from '../../src/replication/change.ts';
import type { Json } from '../../src/replication/digest.ts';
import { createTimestamp, type NodeId, type Timestamp, UNWRITTEN } from '../../src/replication/timestamp.ts';
import { Refusal } from '../../src/wire/refusal.ts';
import { mysql } from '../simulator/memory/vendor.ts';
import { createTestNode, nodeId, shape, source, type TestNode } from '../support/memory/node.ts';

const [HERE, SENDER, THIRD] = [nodeId(1), nodeId(2), nodeId(3)];
const START = 1_767_225_600_000;
const at = (offset: number): Timestamp =>
	createTimestamp({ millis: START + offset, counter: 0, writer: '000000000002aaaa' });

function change(item: string, fields: Record<string, Json>, offset: number, options: Partial<Change> = {}): Change {
	const writes = Object.entries(fields).map(([field, value]) => [field, { at: at(offset), value }]);
	return {
		collection: 'articles',
		item,
		life: 1,
		born: null,
		fields: Object.fromEntries(writes),
		mode: 'upsert',
		...options,
	};
}

const receive = (node: TestNode, changes: Change[], path: NodeId[] = [SENDER]) =>
	apply(node.ports, { node: SENDER, path, link: null, changes });

/** The remote of a source is `remote`, and has acknowledged all that there is. */
const acknowledge = (node: TestNode, id: string, remote: NodeId) =>
	node.ports.checkpoints.saveTogether(id, { progress: { seq: node.data.lastSeq }, link: { node: remote } });

const outcomes = async (node: TestNode, changes: Change[]) =>
	(await receive(node, changes)).map((each) => each.outcome);

describe('apply', () => {
	let node: TestNode;

	beforeEach(() => {
		node = createTestNode({ sources: [source('back'), source('on')] });
	});

	it('writes a batch and answers every change in its place', async () => {
		const changes = [change('1', { title: 'A' }, 1), change('2', { title: 'B' }, 1)];
		expect(await outcomes(node, changes)).toEqual(['applied', 'applied']);
		expect(await outcomes(node, changes)).toEqual(['unchanged', 'unchanged']);
		expect(node.value('articles', '1', 'title')).toBe('A');
		expect(node.value('articles', '2', 'title')).toBe('B');
	});

	it('writes as the Data Sync user, so that no capture takes it for an edit', async () => {
		await receive(node, [change('1', { title: 'A' }, 1)]);
		expect(node.data.activity.map(({ user }) => user)).toEqual(['sync']);
	});

	it('numbers what it applied only after the commit, by settling, and finds nothing to stamp', async () => {
		await receive(node, [change('1', { title: 'A' }, 1)]);
		const applied = node.row('articles', '1');
		expect(applied).toMatchObject({ seq: null, touched: null });
		expect(await settle(node.ports)).toBe(1);
		expect(node.row('articles', '1').stamps.title).toEqual(applied.stamps.title);
	});

	it('remembers the value as the database kept it, not as it was sent', async () => {
		node = createTestNode({ vendor: mysql, shapes: new Map([['events', shape('events', { due: 'timestamp' })]]) });
		const due = '2024-02-29T10:00:00.750Z';
		await receive(node, [change('1', { due }, 1, { collection: 'events' })]);
		await settle(node.ports);
		expect(node.row('events', '1').stamps.due?.at).toBe(at(1));
		expect(node.value('events', '1', 'due')).toBe('2024-02-29T10:00:00.000Z');
	});

	it('lets an edit that is committed but not touched yet take part', async () => {
		await receive(node, [change('1', { title: 'A' }, 1)]);
		await settle(node.ports);
		node.write('articles', '1', { title: 'edited here' });
		expect(await outcomes(node, [change('1', { title: 'theirs' }, 2)])).toEqual(['superseded']);
		expect(node.value('articles', '1', 'title')).toBe('edited here');
		await settle(node.ports);
		expect(node.row('articles', '1').stamps.title?.at.slice(18, 30)).toBe(HERE);
	});

	it('sends an edit that took part back to the sender, who has acknowledged the state before it', async () => {
		await receive(node, [change('1', { title: 'A' }, 1)]);
		await settle(node.ports);
		await acknowledge(node, 'back', SENDER);
		node.write('articles', '1', { title: 'edited here' });
		await receive(node, [change('1', { title: 'theirs' }, 2)]);
		await settle(node.ports);
		expect(node.row('articles', '1').path).toEqual([]);
	});

	it('keeps an edit of a field the sender does not list', async () => {
		await receive(node, [change('1', { title: 'A', body: 'a' }, 1)]);
		await settle(node.ports);
		await node.edit('articles', '1', { body: 'edited here' });
		await receive(node, [change('1', { title: 'theirs' }, 2)]);
		expect(await settle(node.ports)).toBe(1);
		expect(node.row('articles', '1')).toMatchObject({ path: [], life: 1 });
		expect(node.row('articles', '1').stamps.body?.at.slice(18, 30)).toBe(HERE);
		expect(node.row('articles', '1').stamps.title?.at).toBe(at(2));
	});

	it('does not tell anybody the defaults of fields that it was not told', async () => {
		await receive(node, [change('1', { title: 'A' }, 1)]);
		await settle(node.ports);
		const { stamps } = node.row('articles', '1');
		expect(stamps).toMatchObject({ title: { at: at(1) }, body: { at: UNWRITTEN } });
		const [sent] = await compose(node.ports, source('on'), await node.ports.feed.after(0, 9), null);
		expect(Object.keys(sent?.change?.fields ?? {})).toEqual(['title']);
		await node.edit('articles', '1', { title: 'B' });
		await settle(node.ports);
		expect(node.row('articles', '1').stamps.body).toEqual(stamps.body);
		await node.edit('articles', '1', { body: 'written at last' });
		await settle(node.ports);
		const [later] = await compose(node.ports, source('on'), await node.ports.feed.after(0, 9), null);
		expect(later?.change?.fields.body?.value).toBe('written at last');
	});

	it('counts what it was not told of an item from before the install as written then, and tells it', async () => {
		node.write('articles', '1', { title: 'old', body: 'old' });
		await receive(node, [change('1', { title: 'A' }, 1)]);
		await settle(node.ports);
		expect(node.value('articles', '1', 'title')).toBe('A');
		expect(node.row('articles', '1')).toMatchObject({ path: [], stamps: { body: { at: node.ports.baseline } } });
	});

	it('does not undo the deletion of an item that was never settled', async () => {
		await node.edit('articles', '1', null);
		expect(await outcomes(node, [change('1', { title: 'A' }, 1)])).toEqual(['superseded']);
		expect(node.value('articles', '1', 'title')).toBe(undefined);
	});

	it('starts over when an item it took for unknown has been touched meanwhile', async () => {
		node.write('articles', '1', { title: 'just edited here' });
		const { transaction } = node.ports.apply;
		node.ports.apply.transaction = (run) =>
			transaction((inner) =>
				run({
					...inner,
					lock: async (...args) => {
						const locked = await inner.lock(...args);
						if (node.data.feed.size === 0) await node.edit('articles', '1', { body: 'just edited here' });
						return locked;
					},
				}),
			);
		expect(await outcomes(node, [change('1', { title: 'older' }, -1)])).toEqual(['superseded']);
		expect(node.value('articles', '1', 'title')).toBe('just edited here');
	});

	describe('remembers who has the merged state:', () => {
		it('those who have the incoming one', async () => {
			await receive(node, [change('1', { title: 'A' }, 1)], [SENDER, HERE, THIRD]);
			expect(node.row('articles', '1').path).toEqual([SENDER, THIRD]);
		});

		it('nobody, where ours adds something that nobody has', async () => {
			await node.edit('articles', '1', { title: 'A', body: 'ours' });
			await settle(node.ports);
			await receive(node, [change('1', { title: 'B' }, 50)], [SENDER, HERE, THIRD]);
			expect(node.row('articles', '1').path).toEqual([]);
		});

		it('nobody from whom a filter may have held back our part', async () => {
			const filter = { title: { _eq: 'C' } };
			node.data.sources = [
				source('on', { schema: [{ collection: 'articles', fields: ['title', 'body'], filter }] }),
				source('back'),
			];
			await node.edit('articles', '1', { title: 'A', body: 'ours' });
			await settle(node.ports);
			await acknowledge(node, 'on', THIRD);
			await receive(node, [change('1', { title: 'B' }, 50)], [SENDER, HERE, THIRD]);
			expect(node.row('articles', '1').path).toEqual([]);
		});

		it('nobody whom we still owe our part, though the sender counts on us for that', async () => {
			await node.edit('articles', '1', { title: 'A' });
			await settle(node.ports);
			await acknowledge(node, 'back', SENDER);
			await node.ports.checkpoints.saveLink('on', { node: THIRD });
			const { title } = node.row('articles', '1').stamps;
			const fields = { title: { at: title?.at as Timestamp, value: 'A' }, body: { at: at(50), value: 'theirs' } };
			const merged = { ...change('1', {}, 50, { born: node.row('articles', '1').born }), fields };
			await receive(node, [merged], [SENDER, HERE, THIRD]);
			expect(node.row('articles', '1').path).toEqual([SENDER]);
		});

		it('those with both, where ours adds something that some have acknowledged', async () => {
			await node.edit('articles', '1', { title: 'A', body: 'ours' });
			await settle(node.ports);
			await acknowledge(node, 'on', THIRD);
			await receive(node, [change('1', { title: 'B' }, 50)], [SENDER, HERE, THIRD]);
			expect(node.row('articles', '1').path).toEqual([THIRD]);
		});
	});

	it('refuses the whole batch over a stamp from the future, by how much it is ahead', async () => {
		const future = 5 * 60 * 1000 + 12_000;
		const changes = [change('1', { title: 'A' }, 1), change('2', { title: 'B' }, future)];
		const refused = receive(node, changes);
		await expect(refused).rejects.toThrow(ClockAheadError);
		await expect(refused).rejects.toThrow('312 seconds ahead');
		expect(node.data.items.size).toBe(0);
		node.wall.now += 20_000;
		expect(await outcomes(node, changes)).toEqual(['applied', 'applied']);
	});

	it('refuses a birth from the future as well', async () => {
		await expect(receive(node, [change('1', { title: 'A' }, 1, { born: at(600_000) })])).rejects.toThrow(
			ClockAheadError,
		);
	});

	it('stamps local edits later than what it has applied, whatever the wall clock says', async () => {
		await receive(node, [change('1', { title: 'A' }, 200_000)]);
		await settle(node.ports);
		await node.edit('articles', '1', { title: 'edited after seeing A' });
		await settle(node.ports);
		expect((node.row('articles', '1').stamps.title?.at ?? '') > at(200_000)).toBe(true);
	});

	it('creates parents and children that come in one batch, whatever their order', async () => {
		node = createTestNode({ foreignKeys: [{ collection: 'comments', field: 'article', parent: 'articles' }] });
		const comment = change('c', { text: 'hi', article: '1' }, 1, { collection: 'comments' });
		expect(await outcomes(node, [comment, change('1', { title: 'A' }, 1)])).toEqual(['applied', 'applied']);
		expect(node.value('comments', 'c', 'article')).toBe('1');
	});

	it('leaves a child whose parent is missing pending, and applies the rest', async () => {
		node = createTestNode({ foreignKeys: [{ collection: 'comments', field: 'article', parent: 'articles' }] });
		const comment = change('c', { text: 'hi', article: '9' }, 1, { collection: 'comments' });
		const [first, second] = await receive(node, [comment, change('1', { title: 'A' }, 1)]);
		expect(first).toMatchObject({ outcome: 'pending', code: 'missing_parent' });
		expect(second).toMatchObject({ outcome: 'applied' });
		expect(node.data.feed.has('comments\u0000c')).toBe(false);
	});

	describe('with an item that can not be written here', () => {
		const POISON = new Refusal('failed', 'invalid_value', 'The title is not allowed.');

		beforeEach(() => {
			node = createTestNode({ rules: [({ values }) => (values?.title === 'poison' ? POISON : null)] });
		});

		it('refuses it alone, and says why', async () => {
			const results = await receive(node, [
				change('1', { title: 'A' }, 1),
				change('2', { title: 'poison' }, 1),
				change('3', { title: 'C' }, 1),
			]);
			expect(results).toEqual([
				{ outcome: 'applied' },
				{ outcome: 'failed', code: 'invalid_value', message: 'The title is not allowed.' },
				{ outcome: 'applied' },
			]);
			expect([...node.data.items.keys()]).toEqual(['articles\u00001', 'articles\u00003']);
		});

		it('remembers nothing of it, so that the next value gets its chance', async () => {
			await receive(node, [change('2', { title: 'poison' }, 1)]);
			expect(node.data.feed.size).toBe(0);
			expect(await outcomes(node, [change('2', { title: 'fine' }, 2)])).toEqual(['applied']);
		});

		it('leaves the item as it was', async () => {
			await receive(node, [change('2', { title: 'fine', body: 'b' }, 1)]);
			await receive(node, [change('2', { title: 'poison', body: 'c' }, 2)]);
			expect(node.value('articles', '2', 'body')).toBe('b');
			expect(node.row('articles', '2').stamps.body?.at).toBe(at(1));
		});
	});

	it('writes nothing at all when the database fails in the middle', async () => {
		const broken = () => {
			throw new Error('the connection was lost');
		};
		node = createTestNode({ rules: [(write) => (write.item === '2' ? broken() : null)] });
		await expect(receive(node, [change('1', { title: 'A' }, 1), change('2', { title: 'B' }, 1)])).rejects.toThrow(
			'lost',
		);
		expect(node.data.items.size).toBe(0);
		expect(node.data.feed.size).toBe(0);
	});
});

describe('apply beside a link that starts over', () => {
	const BACK = source('back');
	let node: TestNode;

	/** The node has told the sender of a body, and now hears of a title. */
	beforeEach(async () => {
		node = createTestNode({ sources: [BACK] });
		await receive(node, [change('1', { title: 'A' }, 1)]);
		await node.edit('articles', '1', { body: 'written here' });
		await settle(node.ports);
		await acknowledge(node, 'back', SENDER);
		await node.ports.checkpoints.saveProgress('back', { fingerprint: finished(BACK) });
	});

	it('trusts, as long as it does not, that the sender has what it has acknowledged', async () => {
		await receive(node, [change('1', { title: 'B' }, 2)]);
		expect(node.row('articles', '1').path).toEqual([SENDER]);
	});

	it('believes neither acknowledgement nor path', async () => {
		await node.ports.checkpoints.saveProgress('back', { fingerprint: TELL_ALL });
		await receive(node, [change('1', { title: 'B' }, 2)]);
		expect(node.row('articles', '1').path).toEqual([]);
	});

	it('believes nobody while it is not known who answers at a new address', async () => {
		await node.ports.checkpoints.saveTogether('back', {
			progress: { fingerprint: finished(source('another')) },
			link: { node: null },
		});
		await receive(node, [change('1', { title: 'B' }, 2)]);
		expect(node.row('articles', '1').path).toEqual([]);
	});

	it('tells again what was applied while it began to start over', async () => {
		const { transaction } = node.ports.apply;
		node.ports.apply.transaction = async (run) => {
			const result = await transaction(run);
			await node.ports.checkpoints.saveProgress('back', { fingerprint: TELL_ALL });
			return result;
		};
		await receive(node, [change('1', { title: 'B' }, 2)]);
		expect(node.row('articles', '1')).toMatchObject({ seq: null, path: [] });
		await settle(node.ports);
		expect(node.row('articles', '1').stamps.title?.at).toBe(at(2));
	});
});
