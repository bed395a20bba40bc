import { beforeEach, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { RemoteError } from '../../src/wire/remote-error.ts';
import { createTestNetwork, type TestNetwork } from '../support/memory/network.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';

const B = source('b');
const C = source('c');
/** From B. */
const ON = source('on', { url: C.url });

describe('a promise that another node is told', () => {
	let network: TestNetwork;
	let [a, b, c]: TestNode[] = [];
	let [engineA, engineB]: Engine[] = [];

	const nodes = () => {
		if (!a || !b || !c || !engineA || !engineB) throw new Error('nothing is set up');
		return { a, b, c, engineA, engineB };
	};

	beforeEach(async () => {
		network = createTestNetwork();
		a = createTestNode({ number: 1, sources: [B, C], transport: network.transport });
		b = createTestNode({ number: 2, sources: [ON], transport: network.transport });
		c = createTestNode({ number: 3 });
		network.join(B.url, b.ports);
		network.join(C.url, c.ports);
		[engineA, engineB] = [a, b].map(({ ports }) => createEngine(ports, { isAutomatic: async () => true }));
		await nodes().engineA.push();
		await nodes().engineB.push();
		network.fault = ({ id }) => (id === C.id ? new RemoteError('unreachable', 'It can not be reached.') : null);
		await a.edit('articles', '1', { title: 'A' });
		await nodes().engineA.push();
		await nodes().engineB.push();
	});

	const settleDown = async () => {
		const { a, engineA, engineB } = nodes();
		for (let count = 0; count < 3; count += 1) {
			a.wall.now += 60_000;
			await engineA.wake({ force: true });
			await engineB.wake();
		}
	};
	const hasArrived = () => nodes().c.data.items.has('articles\u00001');

	it('is believed while the source by which it is to be kept may only be interrupted', () => {
		expect(nodes().b.value('articles', '1', 'title')).toBe('A');
		expect(hasArrived()).toBe(false);
	});

	it('is taken back when that source fails for long, and the others tell that node', async () => {
		await settleDown();
		expect(hasArrived()).toBe(true);
		const sent = network.sent.length;
		await settleDown();
		expect(network.sent.length).toBe(sent);
	});

	it.each([
		['not published any more', [B, { ...C, published: false }]],
		['removed', [B]],
	])('is taken back when that source is %s', async (_, sources) => {
		nodes().a.data.sources = sources;
		await settleDown();
		expect(hasArrived()).toBe(true);
		const sent = network.sent.length;
		await settleDown();
		expect(network.sent.length).toBe(sent);
	});

	it('is taken back when that source is told less from now on', async () => {
		const pages = source('c', { schema: [{ collection: 'pages', fields: ['title'] }] });
		nodes().a.data.sources = [B, pages];
		await settleDown();
		expect(hasArrived()).toBe(true);
	});

	it('is not given for a source that does not work', async () => {
		await settleDown();
		const { a, engineA, engineB } = nodes();
		await a.edit('articles', '2', { title: 'B' });
		await engineA.push();
		await engineB.wake();
		expect(nodes().c.value('articles', '2', 'title')).toBe('B');
	});
});
