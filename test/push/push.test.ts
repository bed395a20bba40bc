import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../src/feed/settle.ts';
import { push, pushItems } from '../../src/push/push.ts';
import { emptyReport } from '../../src/push/push-report.ts';
import type { Source } from '../../src/sources/port.ts';
import type { TransportPort } from '../../src/wire/port.ts';
import { RemoteError } from '../../src/wire/remote-error.ts';
import type { ChangeResult } from '../../src/wire/result.ts';
import { infoOf } from '../simulator/memory/wire.ts';
import { createTestNetwork, type TestNetwork } from '../support/memory/network.ts';
import { createTestNode, nodeId, source, type TestNode } from '../support/memory/node.ts';

const REMOTE = source('remote');

describe('push', () => {
	let network: TestNetwork;
	let node: TestNode;
	let remote: TestNode;

	beforeEach(() => {
		network = createTestNetwork();
		node = createTestNode({ sources: [REMOTE], transport: network.transport });
		remote = createTestNode({ number: 2 });
		network.join(REMOTE.url, remote.ports);
	});

	const edit = async (...items: string[]) => {
		for (const item of items) await node.edit('articles', item, { title: `title of ${item}` });
		await settle(node.ports);
	};

	const checkpoint = async () => (await node.ports.checkpoints.read('remote')).progress.seq;

	const pushAll = async (to: Source = REMOTE) => {
		await node.ports.checkpoints.request([to.id], node.data.lastSeq);
		return push(node.ports, to, infoOf(remote.ports, network.limits));
	};

	it('brings the remote everything after the checkpoint, and moves that', async () => {
		await edit('1', '2');
		expect(await pushAll()).toEqual({ ...emptyReport(), applied: 2 });
		expect(remote.value('articles', '2', 'title')).toBe('title of 2');
		expect(await checkpoint()).toBe(2);
		await edit('3');
		await pushAll();
		expect(network.sent.map(({ changes }) => changes.map(({ item }) => item))).toEqual([['1', '2'], ['3']]);
	});

	it('sends nothing up to its target twice, and nothing after it', async () => {
		await edit('1');
		await node.ports.checkpoints.request(['remote'], 1);
		await edit('2');
		await push(node.ports, REMOTE, infoOf(remote.ports));
		await push(node.ports, REMOTE, infoOf(remote.ports));
		expect(network.sent.map(({ changes }) => changes.map(({ item }) => item))).toEqual([['1']]);
		expect(await checkpoint()).toBe(1);
	});

	it('sends one change for a thousand edits', async () => {
		for (let count = 0; count < 1000; count += 1) await node.edit('articles', '1', { title: `edit ${count}` });
		await settle(node.ports);
		await pushAll();
		expect(network.sent.flatMap(({ changes }) => changes)).toHaveLength(1);
		expect(remote.value('articles', '1', 'title')).toBe('edit 999');
	});

	it('sends pages of many rows in the order of the feed', async () => {
		const items = Array.from({ length: 1201 }, (_, index) => `item ${String(index).padStart(4, '0')}`);
		await edit(...items);
		await pushAll();
		expect(network.sent.flatMap(({ changes }) => changes.map(({ item }) => item))).toEqual(items);
		expect(await checkpoint()).toBe(1201);
	});

	it('moves the checkpoint past rows of which the remote is not told', async () => {
		await edit('1', '2', '3');
		const pages = source('remote', { schema: [{ collection: 'pages', fields: ['title'] }] });
		await pushAll(pages);
		expect(network.sent).toEqual([]);
		expect(await checkpoint()).toBe(3);
	});

	it('leaves the checkpoint where it was when the answer does not come', async () => {
		await edit('1');
		const answerLost: TransportPort = {
			...network.transport,
			send: async (...args) => {
				await network.transport.send(...args);
				throw new RemoteError('unreachable', 'The connection broke.');
			},
		};
		await node.ports.checkpoints.request(['remote'], 1);
		const ports = { ...node.ports, transport: answerLost };
		await expect(push(ports, REMOTE, infoOf(remote.ports))).rejects.toThrow('broke');
		expect(await checkpoint()).toBe(0);
		expect(remote.value('articles', '1', 'title')).toBe('title of 1');
		expect(await pushAll()).toEqual({ ...emptyReport(), unchanged: 1 });
		expect(await checkpoint()).toBe(1);
	});

	it('keeps what was acknowledged before the remote went away', async () => {
		network.limits = { maxChanges: 2 };
		await edit('1', '2', '3', '4', '5');
		let batches = 0;
		network.fault = (_source, changes) =>
			changes && ++batches > 2 ? new RemoteError('unreachable', 'The connection broke.') : null;
		await expect(pushAll()).rejects.toThrow('broke');
		expect(await checkpoint()).toBe(4);
		network.fault = null;
		await pushAll();
		expect(network.sent.map(({ changes }) => changes.length)).toEqual([2, 2, 1]);
	});

	it('stops when what was asked for is forgotten', async () => {
		await edit('1');
		await node.ports.checkpoints.request(['remote'], 1);
		await node.ports.checkpoints.cancel('remote');
		await push(node.ports, REMOTE, infoOf(remote.ports));
		expect(network.sent).toEqual([]);
	});

	it('halves a batch that turns out too large, until only the culprit is left', async () => {
		await edit('1', '2', '3', '4', '5', '6', '7');
		await node.edit('articles', '4', { body: 'x'.repeat(50_000) });
		await settle(node.ports);
		const tooLarge = new RemoteError('too_large', 'The item is larger than the remote takes.');
		network.fault = (_source, changes) => (changes && JSON.stringify(changes).length > 20_000 ? tooLarge : null);
		expect(await pushAll()).toEqual({ ...emptyReport(), applied: 6, failed: 1 });
		expect(await node.ports.deliveries.read('remote')).toMatchObject([
			{ item: '4', status: 'failed', code: 'too_large', message: tooLarge.message },
		]);
		expect(await checkpoint()).toBe(node.data.lastSeq);
	});

	describe('where the remote fails at a batch but answers when it is greeted', () => {
		const failsAt = (item: string, error: RemoteError) => {
			network.fault = (_source, changes) => (changes?.some((each) => each.item === item) ? error : null);
		};

		it.each([
			['internal', 'pending', 'internal'],
			['incompatible', 'failed', 'invalid_value'],
			['unauthorised', 'failed', 'invalid_value'],
		] as const)('blames the change at fault alone for an error that is %s', async (kind, status, code) => {
			await edit('1', '2', '3', '4', '5', '6', '7');
			failsAt('6', new RemoteError(kind, 'It failed.'));
			expect(await pushAll()).toEqual({ ...emptyReport(), applied: 6, [status]: 1 });
			const message = expect.stringMatching(/^It failed\. It is this item alone: the remote answers otherwise\./);
			expect(await node.ports.deliveries.read('remote')).toMatchObject([{ item: '6', status, code, message }]);
			expect(await checkpoint()).toBe(7);
		});

		it('blames a change that is the whole batch', async () => {
			await edit('1');
			failsAt('1', new RemoteError('incompatible', 'It failed.'));
			expect(await pushAll()).toMatchObject({ failed: 1 });
			await edit('2');
			expect(await pushAll()).toMatchObject({ applied: 1 });
		});

		it('blames one under which the connection breaks once that has happened again and again', async () => {
			await edit('1', '2', '3');
			failsAt('2', new RemoteError('unreachable', 'The connection broke.'));
			await expect(pushAll()).rejects.toThrow('broke');
			await node.ports.checkpoints.saveHealth('remote', { attempts: 5 });
			expect(await pushAll()).toMatchObject({ applied: 2, pending: 1 });
		});

		it('blames nobody where it fails at whatever it is sent', async () => {
			const items = Array.from({ length: 300 }, (_, index) => `item ${index}`);
			await edit(...items);
			network.fault = (_source, changes) => (changes?.length ? new RemoteError('internal', 'It failed.') : null);
			await expect(pushAll()).rejects.toThrow('It failed');
			expect(await node.ports.deliveries.read('remote')).toEqual([]);
			expect(await checkpoint()).toBe(0);
		});

		it('says that the link is out of step when the greeting says so', async () => {
			await edit('1', '2');
			network.fault = (_source, changes) =>
				new RemoteError(changes?.length ? 'internal' : 'out_of_step', 'That is how it is.');
			await expect(pushAll()).rejects.toMatchObject({ kind: 'out_of_step' });
		});
	});

	it('blames nobody while the greeting fails as well', async () => {
		await edit('1', '2');
		network.fault = (_source, changes) => (changes ? new RemoteError('internal', 'It failed.') : null);
		await expect(pushAll()).rejects.toThrow('It failed');
		expect(await node.ports.deliveries.read('remote')).toEqual([]);
	});

	it('keeps a delivery for an item whose key is longer than any that travels', async () => {
		const long = 'k'.repeat(256);
		await edit('1', long, '3');
		expect(await pushAll()).toMatchObject({ applied: 2, failed: 1 });
		const message = expect.stringMatching(/^articles k+… is not sent: its key is longer than 255 characters/);
		expect(await node.ports.deliveries.read('remote')).toMatchObject([{ item: long, code: 'invalid_value', message }]);
	});

	describe('of an item that is nested too deep for the wire', () => {
		const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));

		it('keeps a delivery for it that says what to do, and sends the others', async () => {
			await edit('1');
			await node.edit('articles', '2', { title: 'deep', meta: deep });
			await edit('3');
			expect(await pushAll()).toMatchObject({ applied: 2, failed: 1 });
			expect(await checkpoint()).toBe(3);
			const message = expect.stringMatching(/articles 2 .*"meta" is nested more than 2000 levels deep.*flatter/);
			expect(await node.ports.deliveries.read('remote')).toMatchObject([
				{ item: '2', status: 'failed', code: 'invalid_value', attempts: 1, message },
			]);
			expect(remote.value('articles', '2', 'title')).toBe(undefined);
		});

		it('sends it once it is flatter, and forgets the delivery', async () => {
			await node.edit('articles', '2', { title: 'deep', meta: deep });
			await settle(node.ports);
			await pushAll();
			await node.edit('articles', '2', { meta: [1] });
			await settle(node.ports);
			expect(await pushAll()).toMatchObject({ applied: 1, failed: 0 });
			expect(await node.ports.deliveries.read('remote')).toEqual([]);
			expect(remote.value('articles', '2', 'meta')).toEqual([1]);
		});

		it('notes it as well when the remote has asked for the values of an item that a filter keeps back', async () => {
			const filtered = source('remote', {
				schema: [{ collection: 'articles', fields: ['title', 'meta'], filter: { title: { _eq: 'shown' } } }],
			});
			await node.edit('articles', '2', { title: 'shown', meta: [1] });
			await settle(node.ports);
			await pushAll(filtered);
			await node.edit('articles', '2', { title: 'hidden', meta: deep });
			await settle(node.ports);
			expect(await pushAll(filtered)).toMatchObject({ failed: 1 });
			expect(await node.ports.deliveries.read('remote')).toMatchObject([{ item: '2', code: 'invalid_value' }]);
		});
	});

	it('gives every change its own result after halving', async () => {
		await edit('1', '2', '3', '4', '5');
		network.fault = (_source, changes) =>
			(changes?.length ?? 0) > 1 ? new RemoteError('too_large', 'Too large together.') : null;
		remote.data.shapes = new Map(remote.data.shapes).set('articles', { ...shapeWithoutTitle(remote) });
		await pushAll();
		expect((await node.ports.deliveries.read('remote')).map(({ item, code }) => [item, code])).toEqual(
			['1', '2', '3', '4', '5'].map((item) => [item, 'unknown_field']),
		);
	});

	it('says on each batch who has it and who is being sent it', async () => {
		const others = [source('third'), source('paused', { published: false })];
		node.data.sources = [REMOTE, ...others];
		await node.ports.checkpoints.saveLink('remote', { node: nodeId(2) });
		await node.ports.checkpoints.saveLink('third', { node: nodeId(3) });
		await node.ports.checkpoints.saveLink('paused', { node: nodeId(4) });
		await edit('1');
		await pushAll();
		expect(network.sent[0]?.path).toEqual([nodeId(1), nodeId(3), nodeId(2)]);
	});

	it('does not send a remote what came from it', async () => {
		await edit('1', '2');
		node.data.feed.set('articles\u00001', { ...node.row('articles', '1'), path: [nodeId(2)] });
		await pushAll();
		expect(network.sent.flatMap(({ changes }) => changes.map(({ item }) => item))).toEqual(['2']);
		expect(await checkpoint()).toBe(2);
	});

	describe('with refused items', () => {
		const answer = (result: ChangeResult) => {
			const transport: TransportPort = {
				info: network.transport.info,
				send: async (_source, { changes, link }) => {
					if (link.turn !== null) remote.data.links.set(`${node.data.node} ${link.source}`, link.turn);
					return changes.map(() => result);
				},
			};
			node.ports = { ...node.ports, transport };
		};

		it('keeps a delivery for each, and delivers the others', async () => {
			answer({ outcome: 'failed', code: 'not_unique', message: 'Change one of the two.' });
			await edit('1');
			expect(await pushAll()).toEqual({ ...emptyReport(), failed: 1 });
			expect(await node.ports.deliveries.read('remote')).toEqual([
				{
					collection: 'articles',
					item: '1',
					status: 'failed',
					code: 'not_unique',
					message: 'Change one of the two.',
					attempts: 1,
					nextAttemptAt: expect.any(Number),
				},
			]);
			expect(await checkpoint()).toBe(1);
		});

		it('counts the attempts of an item that waits, and waits longer each time', async () => {
			answer({ outcome: 'pending', code: 'missing_parent', message: 'The parent is missing.' });
			await edit('1');
			await pushAll();
			const [first] = await node.ports.deliveries.read('remote');
			await pushItems(node.ports, REMOTE, infoOf(remote.ports), [{ collection: 'articles', item: '1' }]);
			const [second] = await node.ports.deliveries.read('remote');
			expect([first?.attempts, second?.attempts]).toEqual([1, 2]);
			expect(second?.nextAttemptAt).toBeGreaterThan(first?.nextAttemptAt ?? 0);
			expect(first?.nextAttemptAt).toBeGreaterThan(node.wall.now);
		});

		it('forgets the delivery once a newer state of the item got through', async () => {
			answer({ outcome: 'failed', code: 'invalid_value', message: 'No.' });
			await edit('1');
			await pushAll();
			node.ports = { ...node.ports, transport: network.transport };
			await node.edit('articles', '1', { title: 'valid' });
			await settle(node.ports);
			await pushAll();
			expect(await node.ports.deliveries.read('remote')).toEqual([]);
		});

		it('forgets it as well when the newer state came from another node, which tells the remote by itself', async () => {
			answer({ outcome: 'failed', code: 'invalid_value', message: 'No.' });
			await edit('1');
			await pushAll();
			node.ports = { ...node.ports, transport: network.transport };
			await edit('1');
			const row = node.row('articles', '1');
			node.data.lastSeq += 1;
			node.data.feed.set('articles\u00001', { ...row, seq: node.data.lastSeq, path: [nodeId(3), nodeId(2)] });
			await pushAll();
			expect(await node.ports.deliveries.read('remote')).toEqual([]);
		});

		it('keeps a delivery for an item of which only a part got through', async () => {
			answer({ outcome: 'applied', code: 'unknown_field', message: 'There is no field "mood".' });
			await edit('1');
			expect(await pushAll()).toMatchObject({ applied: 1, failed: 0 });
			expect(await node.ports.deliveries.read('remote')).toMatchObject([{ status: 'failed', code: 'unknown_field' }]);
		});
	});

	describe('with a filter', () => {
		const filtered = source('remote', {
			schema: [{ collection: 'articles', fields: ['title', 'body'], filter: { body: { _eq: 'published' } } }],
		});

		beforeEach(() => {
			node.data.sources = [filtered];
		});

		it('does not create what does not pass, and lets no value of it out', async () => {
			await node.edit('articles', '1', { title: 'secret', body: 'draft' });
			await settle(node.ports);
			expect(await pushAll(filtered)).toMatchObject({ skipped: 1 });
			expect(remote.data.items.size).toBe(0);
			expect(JSON.stringify(network.sent)).not.toContain('secret');
		});

		it('goes on updating what the remote has, so that unpublishing is seen there', async () => {
			await node.edit('articles', '1', { title: 'A', body: 'published' });
			await settle(node.ports);
			await pushAll(filtered);
			await node.edit('articles', '1', { body: 'draft' });
			await settle(node.ports);
			expect(await pushAll(filtered)).toMatchObject({ wanted: 1, applied: 1 });
			expect(remote.value('articles', '1', 'body')).toBe('draft');
		});

		it('asks again when the remote goes away between the question and the values', async () => {
			await node.edit('articles', '1', { title: 'A', body: 'published' });
			await settle(node.ports);
			await pushAll(filtered);
			await node.edit('articles', '1', { body: 'draft' });
			await settle(node.ports);
			network.fault = (_source, changes) =>
				changes?.some(({ mode }) => mode === 'update') ? new RemoteError('unreachable', 'gone') : null;
			await expect(pushAll(filtered)).rejects.toThrow('gone');
			expect(await checkpoint()).toBe(1);
			network.fault = null;
			await pushAll(filtered);
			expect(remote.value('articles', '1', 'body')).toBe('draft');
		});
	});

	it('sends a missing parent that is older than the feed', async () => {
		remote = createTestNode({
			number: 2,
			foreignKeys: [{ collection: 'comments', field: 'article', parent: 'articles' }],
		});
		network.join(REMOTE.url, remote.ports);
		node.write('articles', 'old', { title: 'from before the install' });
		await node.edit('comments', 'c', { text: 'hi', article: 'old' });
		await settle(node.ports);
		expect(await pushAll()).toMatchObject({ pending: 1 });
		expect(await settle(node.ports)).toBe(1);
		await pushAll();
		await pushItems(node.ports, REMOTE, infoOf(remote.ports), [{ collection: 'comments', item: 'c' }]);
		expect(remote.value('comments', 'c', 'article')).toBe('old');
		expect(await node.ports.deliveries.read('remote')).toEqual([]);
	});

	it('invents no deletion of a parent that is not here either', async () => {
		remote = createTestNode({
			number: 2,
			foreignKeys: [{ collection: 'comments', field: 'article', parent: 'articles' }],
		});
		network.join(REMOTE.url, remote.ports);
		await node.edit('comments', 'c', { text: 'hi', article: 'nowhere' });
		await settle(node.ports);
		await pushAll();
		await settle(node.ports);
		expect(node.data.feed.has('articles\u0000nowhere')).toBe(false);
	});
});

function shapeWithoutTitle({ data }: TestNode) {
	const articles = data.shapes.get('articles');
	if (!articles) throw new Error('there are no articles');
	return { ...articles, fields: new Map([...articles.fields].filter(([field]) => field !== 'title')) };
}
