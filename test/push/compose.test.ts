import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../src/feed/settle.ts';
import { unchangedTouch } from '../../src/feed/touch.ts';
import { afterProbe, compose } from '../../src/push/compose.ts';
import type { NodeId } from '../../src/replication/timestamp.ts';
import type { Source } from '../../src/sources/port.ts';
import { ARTICLES, createTestNode, nodeId, source, type TestNode } from '../support/memory/node.ts';

const REMOTE = nodeId(2);

const articles = (options: object = {}) => [{ collection: 'articles', fields: ['title', 'body'], ...options }];
const PUBLISHED = { filter: { body: { _eq: 'published' } } };

describe('compose', () => {
	let node: TestNode;

	beforeEach(async () => {
		node = createTestNode({ sources: [source('all')] });
		await node.edit('articles', '1', { title: 'A', body: 'published', price: 3 });
		await node.edit('articles', '2', { title: 'B', body: 'draft', price: 4 });
		await settle(node.ports);
	});

	const composeAll = async (schema: unknown, receiver: NodeId | null = REMOTE) => {
		const remote = source('remote', { schema });
		return compose(node.ports, remote, await node.ports.feed.after(0, 100), receiver);
	};

	const modes = async (schema: unknown) => (await composeAll(schema)).map(({ change }) => change?.mode ?? null);

	it('tells only listed fields, with their stamps and what their writers had seen', async () => {
		const [first] = await composeAll(articles());
		const { stamps } = node.row('articles', '1');
		expect(first?.change).toEqual({
			collection: 'articles',
			item: '1',
			life: 1,
			born: node.row('articles', '1').born,
			mode: 'upsert',
			fields: {
				title: { at: stamps.title?.at, value: 'A', over: null },
				body: { at: stamps.body?.at, value: 'published', over: null },
			},
		});
	});

	it('tells which items a counted key has had', async () => {
		await node.edit('pages', '1', { title: 'A' });
		await settle(node.ports);
		const { born } = node.row('pages', '1');
		await node.edit('pages', '1', null);
		await settle(node.ports);
		const composed = await composeAll([{ collection: 'pages', fields: ['title'] }]);
		expect(composed.at(-1)?.change).toMatchObject({ item: '1', life: 2, buried: [born] });
	});

	it('lets an item that has left a filter unnoticed enter it again', async () => {
		const schema = [{ collection: 'articles', fields: ['title'], filter: { body: { _eq: 'published' } } }];
		node.data.sources = [source('remote', { schema })];
		const touch = async () => {
			await node.ports.feed.touch([unchangedTouch({ collection: 'articles', item: '1' }, node.ports.clock.stamp())]);
			await settle(node.ports);
		};
		const modeOfLast = async () => {
			const [last] = await composeAll(schema).then((all) => all.slice(-1));
			return [last?.row.item, last?.change?.mode];
		};
		await touch();
		expect(await modeOfLast()).toEqual(['1', 'upsert']);
		node.write('articles', '1', { body: 'withdrawn' });
		expect(await modeOfLast()).toEqual(['1', 'probe']);
		await settle(node.ports);
		const head = await node.ports.feed.head();
		expect(await modeOfLast()).toEqual(['1', 'probe']);
		await settle(node.ports);
		expect(await node.ports.feed.head()).toBe(head);
		node.write('articles', '1', { body: 'published' });
		await touch();
		expect(await node.ports.feed.head()).toBe(head + 1);
		expect(await modeOfLast()).toEqual(['1', 'upsert']);
	});

	it('keeps a row for every one it was given, so that the checkpoint can move past it', async () => {
		await node.edit('comments', 'c', { text: 'hi', article: null });
		await settle(node.ports);
		const composed = await composeAll(articles());
		expect(composed.map(({ row, change }) => [row.item, change === null])).toEqual([
			['1', false],
			['2', false],
			['c', true],
		]);
	});

	it('tells a receiver nothing that it has already or is being sent', async () => {
		const row = node.row('articles', '1');
		node.data.feed.set('articles\u00001', { ...row, path: [REMOTE] });
		expect((await composeAll(articles())).map(({ change }) => change?.item ?? null)).toEqual([null, '2']);
		expect((await composeAll(articles(), null)).map(({ change }) => change?.item ?? null)).toEqual(['1', '2']);
		expect((await composeAll(articles(), nodeId(3))).map(({ change }) => change?.item ?? null)).toEqual(['1', '2']);
	});

	it('tells a receiver a field that is listed since lately, even of an item it has already', async () => {
		node.data.feed.set('articles\u00001', { ...node.row('articles', '1'), path: [REMOTE] });
		node.data.shapes = new Map(node.data.shapes).set('articles', {
			...ARTICLES,
			fields: new Map([...ARTICLES.fields, ['mood', { type: 'string' }]]),
		});
		node.write('articles', '1', { mood: 'good' });
		const schema = [{ collection: 'articles', fields: ['title', 'mood'] }];
		node.data.sources = [source('all'), source('remote', { schema })];
		await composeAll(schema);
		await settle(node.ports);
		const told = await composeAll(schema);
		expect(told.map(({ change }) => change?.fields.mood?.value)).toContain('good');
	});

	it('touches what has changed since it was settled, instead of sending it under its old stamp', async () => {
		node.write('articles', '1', { title: 'not settled yet' });
		const [first, second] = await composeAll(articles());
		expect(first?.change).toBe(null);
		expect(second?.change?.item).toBe('2');
		expect(node.row('articles', '1').touched).not.toBe(null);
		expect(node.row('articles', '2').touched).toBe(null);
		await settle(node.ports);
		expect((await composeAll(articles())).map(({ change }) => change?.fields.title?.value)).toEqual([
			'B',
			'not settled yet',
		]);
	});

	it('touches what was deleted, or created again, since it was settled', async () => {
		node.write('articles', '1', null);
		expect((await composeAll(articles()))[0]?.change).toBe(null);
		await settle(node.ports);
		expect((await composeAll(articles()))[1]?.change).toMatchObject({ life: 2, fields: {} });
		node.write('articles', '1', { title: 'again' });
		expect((await composeAll(articles()))[1]?.change).toBe(null);
	});

	it('does not care for changes of fields that the source does not list', async () => {
		node.write('articles', '1', { price: 99 });
		expect((await composeAll(articles()))[0]?.change?.item).toBe('1');
	});

	it('leaves a touch alone that is waiting already', async () => {
		await node.edit('articles', '1', { title: 'edited' });
		const { touched } = node.row('articles', '1');
		await composeAll(articles());
		expect(node.row('articles', '1').touched).toBe(touched);
	});

	it('tells what was changed and set back while it was being read: every source is sent it again', async () => {
		await node.ports.checkpoints.saveProgress('remote', { seq: await node.ports.feed.head() });
		await node.edit('articles', '1', { title: 'for a moment' });
		expect((await composeAll(articles()))[0]?.change).toBe(null);
		await node.edit('articles', '1', { title: 'A' });
		await settle(node.ports);
		expect((await composeAll(articles())).map(({ change }) => change?.fields.title?.value)).toEqual(['B', 'A']);
		expect(node.row('articles', '1').seq).toBe(await node.ports.feed.head());
	});

	it('lets an item that the filter holds back only be asked for, without its values', async () => {
		const [first, second] = await composeAll(articles(PUBLISHED));
		expect(first?.change?.mode).toBe('upsert');
		expect(second?.change).toMatchObject({ mode: 'probe', fields: {} });
	});

	it('tells an item that was asked for and is there, but only to update it', async () => {
		const remote: Source = source('remote', { schema: articles(PUBLISHED) });
		const [again] = await afterProbe(node.ports, remote, [node.row('articles', '2')]);
		expect(again?.change).toMatchObject({
			mode: 'update',
			fields: { title: { value: 'B' }, body: { value: 'draft' } },
		});
	});

	it('follows the events that the source syncs', async () => {
		expect(await modes(articles({ events: ['create', 'update', 'delete'] }))).toEqual(['upsert', 'upsert']);
		expect(await modes(articles({ events: ['create'] }))).toEqual(['create', 'create']);
		expect(await modes(articles({ events: ['update'] }))).toEqual(['probe', 'probe']);
		expect(await modes(articles({ events: ['delete'] }))).toEqual([null, null]);
		expect(await modes(articles({ events: ['create'], ...PUBLISHED }))).toEqual(['create', null]);
		expect(await modes(articles({ events: ['create', 'update'], ...PUBLISHED }))).toEqual(['upsert', 'probe']);
	});

	it('tells deletions only where they are synced, whatever the filter', async () => {
		await node.edit('articles', '2', null);
		await settle(node.ports);
		expect(await modes(articles({ events: ['create', 'update'] }))).toEqual(['upsert', null]);
		expect(await modes(articles({ ...PUBLISHED }))).toEqual(['upsert', 'upsert']);
		expect((await composeAll(articles()))[1]?.change).toMatchObject({ item: '2', life: 2, fields: {} });
	});

	it('says nothing of a collection that is gone', async () => {
		node.data.shapes = new Map();
		expect((await composeAll(articles())).every(({ change }) => change === null)).toBe(true);
		expect(node.row('articles', '1').touched).toBe(null);
	});
});
