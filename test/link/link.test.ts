/** What happens when one end of a link has lost its memory; see also `test/simulator/restore.test.ts`. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { RemoteError } from '../../src/wire/remote-error.ts';
import { copyDatabase, type Database } from '../simulator/memory/database.ts';
import { createTestNetwork, type TestNetwork } from '../support/memory/network.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';

describe('a link', () => {
	let network: TestNetwork;
	let one: TestNode;
	let two: TestNode;
	let engines: Engine[];

	beforeEach(() => {
		network = createTestNetwork();
		one = createTestNode({ number: 1, sources: [source('two')], transport: network.transport });
		two = createTestNode({ number: 2, sources: [source('one')], transport: network.transport });
		network.join(source('one').url, one.ports);
		network.join(source('two').url, two.ports);
		let calls = 0;
		for (const { ports } of [one, two]) ports.clock.random = () => ++calls / 10_000;
		start();
	});

	const start = () => {
		engines = [one, two].map(({ ports }) => createEngine(ports, { isAutomatic: async () => true }));
	};

	const edit = async (node: TestNode, title: string) => {
		await node.edit('articles', '1', { title });
		await rest();
	};

	const rest = async () => {
		for (let round = 0; round < 3; round += 1) for (const engine of engines) await engine.wake({ force: true });
	};

	const backUp = (node: TestNode) => {
		const backup: Database = copyDatabase(node.data);
		return () => {
			Object.assign(node.data, copyDatabase(backup));
			start();
		};
	};

	const titles = () => [one, two].map((node) => node.value('articles', '1', 'title'));

	it.each([0, 1])('whose end %i was put back to an older state brings back what each had written', async (index) => {
		const node = index === 0 ? one : two;
		await edit(one, 'first');
		const restore = backUp(node);
		await edit(one, 'second');
		await edit(two, 'third');
		restore();
		expect(titles()).toContain('first');
		await rest();
		expect(titles()).toEqual(['third', 'third']);
	});

	it('starts over once, not for ever', async () => {
		await edit(one, 'first');
		const restore = backUp(one);
		await edit(one, 'second');
		restore();
		await rest();
		const before = network.sent.length;
		await rest();
		await edit(one, 'third');
		expect(network.sent.length - before).toBe(1);
		expect(titles()).toEqual(['third', 'third']);
	});

	it('starts over again when the answer to that got lost', async () => {
		await edit(one, 'first');
		const restore = backUp(one);
		await edit(one, 'second');
		restore();
		const { send } = network.transport;
		network.transport.send = async (...args) => {
			const results = await send(...args);
			if (args[0].id === 'two') network.transport.send = send;
			if (args[0].id === 'two') throw new RemoteError('unreachable', 'The connection broke.');
			return results;
		};
		await rest();
		expect(titles()).toEqual(['second', 'second']);
		const before = network.sent.length;
		await rest();
		expect(network.sent.length).toBe(before);
	});

	it('goes on as it was when nothing but answers get lost', async () => {
		await edit(one, 'first');
		const { send } = network.transport;
		network.transport.send = async (...args) => {
			await send(...args);
			throw new RemoteError('unreachable', 'The connection broke.');
		};
		for (const title of ['second', 'third', 'fourth']) await edit(one, title);
		network.transport.send = send;
		await edit(one, 'fifth');
		const before = network.sent.length;
		await edit(one, 'sixth');
		expect(network.sent.length - before).toBe(1);
		expect(titles()).toEqual(['sixth', 'sixth']);
		expect((await one.ports.checkpoints.read('two')).progress.fingerprint.kind).not.toBe('unfinished');
	});

	it('is not disturbed by a late copy of an earlier batch', async () => {
		const { send } = network.transport;
		const calls: Parameters<typeof send>[] = [];
		network.transport.send = (...args) => {
			calls.push(args);
			return send(...args);
		};
		await edit(one, 'first');
		await edit(one, 'second');
		const early = calls.find(([, { changes }]) => changes.length > 0);
		if (!early) throw new Error('nothing was sent');
		await edit(one, 'third');
		await expect(send(...early)).rejects.toThrow('no longer agree');
		const before = network.sent.length;
		await edit(one, 'fourth');
		expect(network.sent.length - before).toBe(1);
		expect(titles()).toEqual(['fourth', 'fourth']);
	});
});
