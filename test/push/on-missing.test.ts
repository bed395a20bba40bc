import { beforeEach, describe, expect, it } from 'vitest';
import { sourceStatus } from '../../src/engine/status.ts';
import { settle } from '../../src/feed/settle.ts';
import { pushSource } from '../../src/push/push-source.ts';
import { findRings } from '../../src/push/rings.ts';
import type { Source } from '../../src/sources/port.ts';
import { createTestNetwork, type TestNetwork } from '../support/memory/network.ts';
import { createTestNode, nodeId, shape, source, type TestNode } from '../support/memory/node.ts';

const FOREIGN_KEYS = [{ collection: 'comments', field: 'article', parent: 'articles' }];

describe('references that the remote can not follow', () => {
	let network: TestNetwork;
	let node: TestNode;
	let remote: TestNode;
	let notices: string[];

	beforeEach(() => {
		notices = [];
		network = createTestNetwork();
		const nothing = async () => {};
		node = createTestNode({
			transport: network.transport,
			foreignKeys: FOREIGN_KEYS,
			notify: {
				outage: nothing,
				recovered: nothing,
				refused: nothing,
				incomplete: async () => {},
				leftOut: async (_source, warnings) => {
					notices.push(warnings.map(({ collection, field }) => `${collection}.${field}`).join());
				},
			},
		});
		remote = createTestNode({ number: 2, foreignKeys: FOREIGN_KEYS });
		network.join('https://remote.example', remote.ports);
	});

	const sync = async (to: Source) => {
		node.data.sources = [to];
		for (let round = 0; round < 3; round += 1) {
			await settle(node.ports);
			await node.ports.checkpoints.request([to.id], node.data.lastSeq);
			await pushSource(node.ports, to, { force: true });
		}
	};
	const warnings = async () => (await node.ports.checkpoints.read('remote')).health.warnings;
	const unlisted = (onMissing?: string) =>
		source('remote', {
			schema: [{ collection: 'comments', fields: ['text', 'article'], ...(onMissing && { onMissing }) }],
		});

	it('are left out with one warning for all, and no delivery', async () => {
		await node.edit('articles', '1', { title: 'not listed' });
		await node.edit('comments', 'a', { text: 'one', article: '1' });
		await node.edit('comments', 'b', { text: 'two', article: '1' });
		await sync(unlisted());
		expect(remote.value('comments', 'b', 'text')).toBe('two');
		expect(remote.value('comments', 'b', 'article') ?? null).toBeNull();
		expect(await node.ports.deliveries.read('remote')).toEqual([]);
		expect(await warnings()).toMatchObject([
			{ code: 'reference_left_out', collection: 'comments', field: 'article', to: 'articles', count: 2, example: 'b' },
		]);
		expect(notices).toEqual(['comments.article']);
		const [warning] = (await sourceStatus(node.ports, unlisted())).warnings;
		expect(warning?.message).toMatch(/"article" of "comments" was left out \(2 times, last for b\).*List "articles"/);

		await node.edit('comments', 'c', { text: 'three', article: '1' });
		await sync(unlisted());
		expect(await warnings()).toMatchObject([{ count: 3 }]);
		expect(notices).toHaveLength(1);
	});

	it('are there by themselves once what they refer to is listed', async () => {
		await node.edit('articles', '1', { title: 'listed later' });
		await node.edit('comments', 'a', { text: 'one', article: '1' });
		await sync(unlisted());
		await sync(source('remote'));
		expect(remote.value('comments', 'a', 'article')).toBe('1');
		expect(await warnings()).toEqual([]);
	});

	it('are there by themselves once what they refer to passes its filter', async () => {
		const articles = { collection: 'articles', fields: ['title', 'body'], filter: { body: { _eq: 'published' } } };
		const filtered = source('remote', { schema: [articles, { collection: 'comments', fields: ['text', 'article'] }] });
		await node.edit('articles', '1', { title: 'A', body: 'draft' });
		await node.edit('comments', 'a', { text: 'one', article: '1' });
		await sync(filtered);
		expect(remote.value('comments', 'a', 'text')).toBe('one');
		expect(remote.value('comments', 'a', 'article') ?? null).toBeNull();

		await node.edit('articles', '1', { body: 'published' });
		await sync(filtered);
		expect(remote.value('comments', 'a', 'article')).toBe('1');
		expect(await warnings()).toEqual([]);
	});

	it('keep an item back where that is wanted, until they can be followed', async () => {
		await node.edit('articles', '1', { title: 'not listed' });
		await node.edit('comments', 'a', { text: 'one', article: '1' });
		await sync(unlisted('skip'));
		expect(remote.value('comments', 'a', 'text')).toBeUndefined();
		expect(await node.ports.deliveries.read('remote')).toEqual([]);
		expect(await warnings()).toMatchObject([{ code: 'item_skipped' }]);
		await sync(unlisted('wait'));
		expect(await node.ports.deliveries.read('remote')).toMatchObject([{ item: 'a', code: 'missing_parent' }]);
		await sync(source('remote'));
		expect(remote.value('comments', 'a', 'article')).toBe('1');
		expect(await node.ports.deliveries.read('remote')).toEqual([]);
	});

	it('never come back as edits of the remote', async () => {
		remote.data.sources = [source('back', { url: 'https://node.example' })];
		network.join('https://node.example', node.ports);
		remote.ports = { ...remote.ports, transport: network.transport };
		await node.edit('articles', '1', { title: 'not listed' });
		await node.edit('comments', 'a', { text: 'one', article: '1' });
		await sync(unlisted('null'));
		await settle(remote.ports);
		await remote.ports.checkpoints.request(['back'], remote.data.lastSeq);
		await pushSource(remote.ports, source('back', { url: 'https://node.example' }), { force: true });
		expect(node.value('comments', 'a', 'article')).toBe('1');
	});
});

describe('a ring that no batch holds', () => {
	const tree = shape(
		'tree',
		{ name: 'string', other: 'string' },
		{ references: new Map([['other', { to: 'tree', by: null, nullable: true }]]) },
	);
	const options = {
		shapes: new Map([['tree', tree]]),
		foreignKeys: [{ collection: 'tree', field: 'other', parent: 'tree' }],
	};
	const to = source('remote', { schema: [{ collection: 'tree', fields: ['name', 'other'] }] });

	it('goes through all the same', async () => {
		const network = createTestNetwork();
		network.limits = { maxChanges: 1 };
		const node = createTestNode({ ...options, transport: network.transport, sources: [to] });
		const remote = createTestNode({ ...options, number: 2 });
		network.join('https://remote.example', remote.ports);
		for (const [item, other] of [
			['a', 'b'],
			['b', 'c'],
			['c', 'a'],
		] as const)
			await node.edit('tree', item, { name: item, other });

		for (let round = 0; round < 4; round += 1) {
			node.wall.now += 3_600_000;
			await settle(node.ports);
			await node.ports.checkpoints.request(['remote'], node.data.lastSeq);
			await pushSource(node.ports, to, { force: true });
		}
		expect(['a', 'b', 'c'].map((item) => remote.value('tree', item, 'other'))).toEqual(['b', 'c', 'a']);
		expect(await node.ports.deliveries.read('remote')).toEqual([]);
		for (const item of ['a', 'b', 'c']) {
			expect(remote.row('tree', item).stamps.other?.at).toBe(node.row('tree', item).stamps.other?.at);
		}
	});

	it('is told from a chain that waits for something else', async () => {
		const node = createTestNode({ ...options, number: 3 });
		for (const [item, other] of [
			['a', 'b'],
			['b', 'a'],
			['x', 'y'],
			['y', 'z'],
		] as const)
			node.write('tree', item, { name: item, other });
		const waiting = ['a', 'b', 'x', 'y'].map((item) => ({
			collection: 'tree',
			item,
			status: 'pending' as const,
			code: 'missing_parent' as const,
			message: '',
			attempts: 1,
			nextAttemptAt: 0,
		}));
		expect([...(await findRings(node.ports.items, waiting))].map((id) => id.at(-1))).toEqual(['a', 'b']);
		expect(nodeId(3)).toBe(node.data.node);
	});
});
