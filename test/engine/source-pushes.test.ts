import { beforeEach, describe, expect, it } from 'vitest';
import { createContacts } from '../../src/engine/contacts.ts';
import { createSourcePushes, type SourcePushes } from '../../src/engine/source-pushes.ts';
import { settle } from '../../src/feed/settle.ts';
import { createTestNetwork } from '../support/memory/network.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';

const ASK = { toHead: true, force: false };

describe('pushes to a source', () => {
	let node: TestNode;
	let pushes: SourcePushes;
	/** Those that wait for an answer of the remote. */
	let requests: (() => void)[];

	beforeEach(() => {
		const network = createTestNetwork();
		node = createTestNode({ sources: [source('a')], transport: network.transport });
		network.join(source('a').url, createTestNode({ number: 2 }).ports);
		requests = [];
		const { info } = node.ports.transport;
		node.ports.transport.info = async (remote) => {
			await new Promise<void>((resolve) => {
				requests.push(resolve);
			});
			return info(remote);
		};
		pushes = createSourcePushes(node.ports, { contacts: createContacts(), settle: () => settle(node.ports) });
	});

	const ticks = () => new Promise((resolve) => setImmediate(resolve));
	const answer = async () => {
		await ticks();
		expect(requests).toHaveLength(1);
		requests.pop()?.();
	};

	it('give all calls during a push one push after it, and its report', async () => {
		const first = pushes.push('a', ASK);
		await ticks();
		const later = [pushes.push('a', ASK), pushes.push('a', ASK)];
		await answer();
		const report = await first;
		await answer();
		const [second, third] = await Promise.all(later);
		expect(second).toBe(third);
		expect(second).not.toBe(report);
		await ticks();
		expect(requests).toEqual([]);
	});

	it('begin again for a call during the following push', async () => {
		const calls = [pushes.push('a', ASK), pushes.push('a', ASK)];
		await answer();
		await calls[0];
		await ticks();
		const third = pushes.push('a', ASK);
		await answer();
		await calls[1];
		await answer();
		expect(await third).toMatchObject({ status: 'done' });
	});

	it('that fail are heard of by their own callers only, and the next one goes on', async () => {
		const { list } = node.ports.sources;
		let fail = (_error: Error) => {};
		node.ports.sources.list = () =>
			new Promise((_resolve, reject) => {
				fail = reject;
			});
		const first = pushes.push('a', ASK);
		const second = pushes.push('a', ASK);
		node.ports.sources.list = list;
		fail(new Error('the database is gone'));
		await expect(first).rejects.toThrow('the database is gone');
		await answer();
		expect(await second).toMatchObject({ status: 'done' });
		const third = pushes.push('a', ASK);
		await answer();
		expect(await third).toMatchObject({ status: 'done' });
	});

	it('of a source that is gone report it as paused', async () => {
		expect(await pushes.push('gone', ASK)).toMatchObject({ source: 'gone', status: 'paused', sent: 0 });
	});
});
