import { beforeEach, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { resyncCollection } from '../../src/engine/resync.ts';
import type { NodeId } from '../../src/replication/timestamp.ts';
import type { TransportPort } from '../../src/wire/port.ts';
import { RemoteError } from '../../src/wire/remote-error.ts';
import { createTestNetwork, type TestNetwork } from '../support/memory/network.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';

const MINUTE = 60_000;

describe('engine', () => {
	let network: TestNetwork;
	let node: TestNode;
	let remotes: TestNode[];
	let engine: Engine;
	let automatic: boolean;

	beforeEach(() => {
		automatic = true;
		network = createTestNetwork();
		const sources = [source('a'), source('b')];
		node = createTestNode({ sources, transport: network.transport });
		remotes = sources.map(({ url }, index) => {
			const remote = createTestNode({ number: index + 2 });
			network.join(url, remote.ports);
			return remote;
		});
		build();
	});

	const build = () => {
		engine = createEngine(node.ports, { isAutomatic: async () => automatic });
	};

	const edit = (item: string, title = `title of ${item}`) => node.edit('articles', item, { title });
	const titles = (item = '1') => remotes.map((remote) => remote.value('articles', item, 'title'));
	const unreachable = (id: string) => {
		network.fault = (to) => (to.id === id ? new RemoteError('unreachable', 'Gone.') : null);
	};

	it('settles and brings every published source up to date', async () => {
		await edit('1');
		const reports = await engine.push();
		expect(titles()).toEqual(['title of 1', 'title of 1']);
		expect(reports).toEqual(
			['a', 'b'].map((id) => ({
				source: id,
				name: id,
				status: 'done',
				sent: 1,
				superseded: 0,
				pending: 0,
				failed: 0,
				error: null,
			})),
		);
	});

	it('pushes to the chosen sources only', async () => {
		await edit('1');
		expect((await engine.push(['b'])).map((report) => report.source)).toEqual(['b']);
		expect(titles()).toEqual([undefined, 'title of 1']);
	});

	it('counts a change for the call that asked for it, whatever else is being pushed meanwhile', async () => {
		await edit('1');
		let asked: Promise<unknown> = Promise.resolve();
		const { send } = node.ports.transport;
		node.ports.transport.send = async (...request) => {
			node.ports.transport.send = send;
			await edit('2');
			asked = engine.push(['a']);
			return send(...request);
		};
		const [first] = await engine.push(['a']);
		expect(first).toMatchObject({ sent: 1 });
		expect(await asked).toMatchObject([{ sent: 1 }]);
		expect(titles('2')).toEqual(['title of 2', undefined]);
	});

	it('reports what a failing source is still to get, and why', async () => {
		unreachable('b');
		await edit('1');
		await edit('2');
		const [a, b] = await engine.push();
		expect(a).toMatchObject({ status: 'done', sent: 2, pending: 0 });
		expect(b).toMatchObject({ status: 'failing', sent: 0, pending: 2, error: 'Gone.' });
	});

	it('reports a source that is not published as paused', async () => {
		node.data.sources = [source('a'), source('b', { published: false })];
		await edit('1');
		expect(await engine.push(['a', 'b'])).toMatchObject([{ status: 'done' }, { status: 'paused' }]);
		expect(titles()).toEqual(['title of 1', undefined]);
	});

	it('leaves a source alone that was unpublished while it was waiting for its turn', async () => {
		await edit('1');
		const first = engine.push(['a']);
		const second = engine.push(['a']);
		node.data.sources = [source('a', { published: false }), source('b')];
		await Promise.all([first, second]);
		expect(titles()[0]).toBe(undefined);
	});

	it('lets a slow source hold up nobody else', async () => {
		let answer = () => {};
		const slow: TransportPort = {
			...network.transport,
			send: async (to, batch) => {
				if (to.id === 'a') {
					await new Promise<void>((resolve) => {
						answer = resolve;
					});
				}
				return network.transport.send(to, batch);
			},
		};
		node.ports = { ...node.ports, transport: slow };
		build();
		await edit('1');
		const first = engine.push(['a']);
		await edit('2');
		await engine.push(['b']);
		expect(titles('2')).toEqual([undefined, 'title of 2']);
		answer();
		await first;
	});

	it('lets any number of calls during a run share the next one', async () => {
		await edit('1');
		const first = engine.push();
		const calls = Array.from({ length: 50 }, async (_, index) => {
			await edit(`${index + 2}`);
			return engine.push();
		});
		await Promise.all([first, ...calls]);
		expect(titles('51')).toEqual(['title of 51', 'title of 51']);
		expect(network.infos).toBeLessThanOrEqual(8);
		expect(network.sent.flatMap(({ changes }) => changes)).toHaveLength(2 * 51);
	});

	it('delivers an edit that was made before the call, though a run had begun already', async () => {
		await edit('1');
		const first = engine.push();
		await edit('1', 'later');
		await engine.push();
		expect(titles()).toEqual(['later', 'later']);
		await first;
	});

	it('starts over for an item that changed between settling and sending', async () => {
		const { items } = node.ports;
		let changedAgain = false;
		const changing: typeof items = {
			...items,
			read: async (...args) => {
				const values = await items.read(...args);
				if (!changedAgain) {
					changedAgain = true;
					node.write('articles', '1', { title: 'changed in between' });
				}
				return values;
			},
		};
		node.ports = { ...node.ports, items: changing };
		build();
		await edit('1');
		await engine.push();
		expect(titles()).toEqual(['changed in between', 'changed in between']);
	});

	it('tries a paused source at once when somebody insists', async () => {
		unreachable('b');
		await edit('1');
		await engine.push();
		network.fault = null;
		expect((await engine.push())[1]).toMatchObject({ status: 'waiting', pending: 1, error: 'Gone.' });
		expect((await engine.push(null, { force: true }))[1]).toMatchObject({ status: 'done', pending: 0 });
	});

	it('asks nothing and sends nothing on waking up when nothing is to be done', async () => {
		await edit('1');
		await engine.push();
		const { infos } = network;
		await engine.wake();
		node.wall.now += 59 * MINUTE;
		await engine.wake();
		expect(network.infos).toBe(infos);
		expect(network.sent).toHaveLength(2);
		expect(network.greetings).toBe(0);
	});

	it('compares memories with a remote that nothing was sent to for an hour, and when it starts', async () => {
		await engine.wake();
		expect(network.greetings).toBe(2);
		await engine.wake();
		for (const { wall } of [node, ...remotes]) wall.now += 60 * MINUTE;
		await edit('1');
		await engine.wake();
		expect(titles()).toEqual(['title of 1', 'title of 1']);
		expect(network.greetings).toBe(2);
		for (const { wall } of [node, ...remotes]) wall.now += 60 * MINUTE;
		await engine.wake();
		expect(network.greetings).toBe(4);
	});

	it('compares memories soon with a node that has come to do so, but not with one it has just met', async () => {
		await engine.wake();
		const peer = (await node.ports.checkpoints.read('a')).link.node as NodeId;
		await engine.heardFrom(peer, { compares: true });
		await engine.wake();
		expect(network.greetings).toBe(2);
		node.wall.now += 2 * MINUTE;
		await engine.heardFrom(peer, { compares: true });
		await engine.wake();
		expect(network.greetings).toBe(3);
	});

	describe('when a node contacts us whose source is paused', () => {
		let peer: NodeId;
		let other: NodeId;

		/** Tries again and again, as long as nobody has come. */
		const failUntilPaused = async (error = new RemoteError('unreachable', 'Gone.'), attempts = 12) => {
			await edit('1');
			await engine.push();
			[peer, other] = (await Promise.all(
				['b', 'a'].map(async (id) => (await node.ports.checkpoints.read(id)).link.node as NodeId),
			)) as [NodeId, NodeId];
			network.fault = (to) => (to.id === 'b' ? error : null);
			await edit('2');
			for (let count = 0; count < attempts; count += 1) {
				node.wall.now = Math.max(node.wall.now, (await engine.nextDue()) ?? 0);
				await engine.wake();
			}
			expect((await paused()).attempts).toBe(attempts);
		};

		const paused = async () => (await node.ports.checkpoints.read('b')).health;
		/** Lets time pass as the worker would; how many attempts are made in it. */
		const attemptsWithin = async (milliseconds: number, everySecond: () => Promise<unknown> = async () => {}) => {
			const { attempts } = await paused();
			const end = node.wall.now + milliseconds;
			for (; node.wall.now < end; node.wall.now += 1000) {
				await everySecond();
				await engine.wake();
			}
			return (await paused()).attempts - attempts;
		};

		it('tries that source at once', async () => {
			await failUntilPaused();
			network.fault = null;
			node.wall.now += 1;
			await engine.wake();
			expect(titles('2')[1]).toBe(undefined);
			expect(await engine.heardFrom(peer)).toBe(true);
			expect(await engine.nextDue()).toBeLessThanOrEqual(node.wall.now);
			await engine.wake();
			expect(titles('2')[1]).toBe('title of 2');
			expect(await paused()).toMatchObject({ attempts: 0, nextAttemptAt: null, unansweredSince: null });
			expect(await engine.nextDue()).toBe(null);
		});

		it('tries again within seconds, in case it has contacted us before it takes requests', async () => {
			await failUntilPaused();
			node.wall.now += 1;
			await engine.heardFrom(peer);
			await engine.wake();
			network.fault = null;
			expect(await engine.nextDue()).toBe(node.wall.now + 2000);
			node.wall.now += 2000;
			await engine.wake();
			expect(titles('2')[1]).toBe('title of 2');
		});

		it('hammers none that can call us, but can not be called', async () => {
			await failUntilPaused();
			node.wall.now += 1;
			const quarter = await attemptsWithin(15 * MINUTE, () => engine.heardFrom(peer));
			expect(quarter).toBeGreaterThan(4);
			expect(quarter).toBeLessThanOrEqual(3 * 4 + 2);
			expect(await attemptsWithin(5 * MINUTE)).toBeLessThanOrEqual(4);
			expect(await attemptsWithin(10 * MINUTE)).toBeLessThanOrEqual(2);
		});

		it('remembers one that came while the last series of tries went on', async () => {
			await failUntilPaused();
			node.wall.now += 1;
			await engine.heardFrom(peer);
			await attemptsWithin(2 * MINUTE);
			await engine.heardFrom(peer);
			expect(await attemptsWithin(2 * MINUTE)).toBe(0);
			network.fault = null;
			await attemptsWithin(2 * MINUTE);
			expect(titles('2')[1]).toBe('title of 2');
		});

		it('leaves alone what another node has nothing to do with', async () => {
			await failUntilPaused();
			network.fault = null;
			node.wall.now += 1;
			expect(await engine.heardFrom(other)).toBe(false);
			expect(await attemptsWithin(MINUTE)).toBe(0);
			expect(titles('2')[1]).toBe(undefined);
		});

		it('leaves alone what was heard before the last attempt', async () => {
			await failUntilPaused(undefined, 1);
			await engine.heardFrom(peer);
			await attemptsWithin(10 * MINUTE);
			const { nextAttemptAt } = await paused();
			expect(await engine.nextDue()).toBe(nextAttemptAt);
		});

		it.each([
			['refused', new RemoteError('unauthorised', 'Wrong key.')],
			['misconfigured', new RemoteError('misconfigured', 'Wrong URL.')],
			['asked to wait', new RemoteError('overloaded', 'Wait.', 60_000, { status: 503 })],
			['failed by a fault of its own', new RemoteError('internal', 'HTTP 500', null, { status: 500 })],
		])('leaves alone what was not unreachable, but %s', async (_title, error) => {
			await failUntilPaused(error);
			network.fault = null;
			node.wall.now += 1;
			expect(await engine.heardFrom(peer)).toBe(false);
			expect(await attemptsWithin(MINUTE)).toBe(0);
		});

		it('takes the word of a proxy that nobody is behind it for unreachable', async () => {
			await failUntilPaused(new RemoteError('internal', 'HTTP 502', null, { status: 502 }));
			network.fault = null;
			node.wall.now += 1;
			expect(await engine.heardFrom(peer)).toBe(true);
			await engine.wake();
			expect(titles('2')[1]).toBe('title of 2');
		});

		it('looks at the sources once a second at most, whatever is sent', async () => {
			await engine.wake();
			const { list } = node.ports.sources;
			let looks = 0;
			node.ports.sources.list = () => {
				looks += 1;
				return list();
			};
			node.wall.now += 10_000;
			for (let count = 0; count < 50; count += 1) await engine.heardFrom(peer);
			expect(looks).toBe(1);
		});
	});

	it('delivers on waking up what no Flow has asked for', async () => {
		await edit('1');
		await engine.wake();
		expect(titles()).toEqual(['title of 1', 'title of 1']);
	});

	it('tries a paused source again when it is due', async () => {
		unreachable('b');
		await edit('1');
		await engine.push();
		network.fault = null;
		const due = await engine.nextDue();
		expect(due).toBeGreaterThan(node.wall.now);
		await engine.wake();
		expect(titles()[1]).toBe(undefined);
		node.wall.now = due ?? 0;
		await engine.wake();
		expect(titles()[1]).toBe('title of 1');
		expect(await engine.nextDue()).toBe(null);
	});

	it('tries deliveries again when they are due', async () => {
		const refusing: TransportPort = {
			...network.transport,
			send: async (_source, { changes }) =>
				changes.map(() => ({ outcome: 'pending', code: 'missing_parent', message: 'The parent is missing.' })),
		};
		const { ports } = node;
		node.ports = { ...ports, transport: refusing };
		build();
		await edit('1');
		expect((await engine.push())[0]).toMatchObject({ status: 'done', pending: 1 });
		node.ports = ports;
		build();
		node.wall.now += 2 * MINUTE;
		await engine.wake();
		expect(titles()).toEqual(['title of 1', 'title of 1']);
	});

	it('delivers again what was queued by hand', async () => {
		await edit('1');
		await engine.push();
		remotes[0]?.write('articles', '1', null);
		remotes[0]?.data.feed.clear();
		expect(await resyncCollection(node.ports, 'articles')).toBe(1);
		expect(await engine.push(null, { force: true })).toMatchObject([{ sent: 1 }, { sent: 1 }]);
		expect(titles()).toEqual(['title of 1', 'title of 1']);
	});

	describe('while nothing happens by itself', () => {
		beforeEach(() => {
			automatic = false;
		});

		it('keeps new changes, and delivers them when that is switched on', async () => {
			await edit('1');
			await engine.wake();
			expect(titles()).toEqual([undefined, undefined]);
			automatic = true;
			await engine.wake();
			expect(titles()).toEqual(['title of 1', 'title of 1']);
		});

		it('goes on with what somebody has asked for', async () => {
			unreachable('b');
			await edit('1');
			await engine.push();
			network.fault = null;
			await edit('2');
			node.wall.now += MINUTE;
			await engine.wake();
			expect(titles('1')[1]).toBe('title of 1');
			expect(titles('2')[1]).toBe(undefined);
		});

		it('forgets what somebody has asked for once it is paused', async () => {
			unreachable('b');
			await edit('1');
			await engine.push();
			network.fault = null;
			await engine.pause();
			node.wall.now += MINUTE;
			await engine.wake();
			expect(titles()[1]).toBe(undefined);
			expect(await engine.nextDue()).toBe(null);
			await engine.push(null, { force: true });
			expect(titles()[1]).toBe('title of 1');
		});
	});

	it('reports how the sources are doing without doing anything', async () => {
		await edit('1');
		expect(await engine.report()).toMatchObject([
			{ source: 'a', status: 'busy', sent: 0 },
			{ source: 'b', status: 'busy', sent: 0 },
		]);
		expect(network.infos).toBe(0);
	});
});
