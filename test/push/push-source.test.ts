import { beforeEach, describe, expect, it } from 'vitest';
import { resyncSources } from '../../src/engine/resync.ts';
import { settle } from '../../src/feed/settle.ts';
import type { Delivery } from '../../src/push/port.ts';
import { pushSource } from '../../src/push/push-source.ts';
import { timestampToMillis } from '../../src/replication/timestamp.ts';
import type { Source, SourcesPort } from '../../src/sources/port.ts';
import type { TransportPort } from '../../src/wire/port.ts';
import { Refusal } from '../../src/wire/refusal.ts';
import { RemoteError } from '../../src/wire/remote-error.ts';
import { createMemoryPorts } from '../simulator/memory/ports.ts';
import { createSession } from '../simulator/memory/session.ts';
import { createTestNetwork, type TestNetwork } from '../support/memory/network.ts';
import { createTestNode, nodeId, source, type TestNode } from '../support/memory/node.ts';

const REMOTE = source('remote');
const MINUTE = 60_000;

describe('push to a source', () => {
	let network: TestNetwork;
	let node: TestNode;
	let remote: TestNode;
	let notices: string[];

	beforeEach(async () => {
		network = createTestNetwork();
		notices = [];
		node = createTestNode({
			sources: [REMOTE],
			transport: network.transport,
			notify: {
				outage: async (_source, _since, error) => {
					notices.push(`outage: ${error}`);
				},
				recovered: async () => {
					notices.push('recovered');
				},
				leftOut: async (_source, warnings) => {
					notices.push(`left out: ${warnings.map(({ collection, field }) => `${collection}.${field}`).join()}`);
				},
				refused: async (_source, failed, example: Delivery) => {
					notices.push(`refused: ${failed}, ${example.item}`);
				},
				incomplete: async () => {
					notices.push('incomplete');
				},
			},
		});
		remote = createTestNode({ number: 2 });
		network.join(REMOTE.url, remote.ports);
		await edit('1');
	});

	const edit = async (item: string, title = `title of ${item}`) => {
		await node.edit('articles', item, { title });
		await settle(node.ports);
		await node.ports.checkpoints.request(['remote'], node.data.lastSeq);
	};

	const attempt = (force = false, to: Source = REMOTE) => {
		node.data.sources = [...node.data.sources.filter(({ id }) => id !== to.id), to];
		return pushSource(node.ports, to, { force });
	};
	const checkpoint = () => node.ports.checkpoints.read('remote');
	const health = async () => (await checkpoint()).health;
	const unreachable = () => new RemoteError('unreachable', 'It can not be reached.');

	/** Fails so often, each time when the next attempt is due. */
	const fail = async (times: number, error: () => RemoteError = unreachable) => {
		network.fault = error;
		for (let count = 0; count < times; count += 1) {
			node.wall.now = Math.max(node.wall.now, (await health()).nextAttemptAt ?? 0);
			expect((await attempt()).status).toBe('failing');
		}
		network.fault = null;
	};

	it('delivers, and shows when', async () => {
		expect(await attempt()).toMatchObject({ status: 'done', report: { applied: 1 } });
		expect(node.data.reports.get('remote')).toEqual({ syncedAt: node.wall.now, error: null });
		expect(await checkpoint()).toMatchObject({
			progress: { seq: 1 },
			link: { node: nodeId(2) },
			health: { attempts: 0, error: null },
		});
	});

	it('keeps its clock up with the remote', async () => {
		remote.wall.now += MINUTE;
		await attempt();
		expect(timestampToMillis(node.ports.clock.stamp())).toBeGreaterThanOrEqual(remote.wall.now);
	});

	describe('that fails', () => {
		it('pauses the source as a whole, longer each time, and loses nothing', async () => {
			await fail(1);
			const first = await health();
			expect(first).toMatchObject({ attempts: 1, error: 'It can not be reached.' });
			expect((await checkpoint()).progress.seq).toBe(0);
			const wait = (first.nextAttemptAt ?? 0) - node.wall.now;
			expect(await attempt()).toEqual({
				status: 'waiting',
				error: 'It can not be reached.',
				nextAttemptAt: first.nextAttemptAt,
			});
			await fail(1);
			const second = await health();
			expect((second.nextAttemptAt ?? 0) - node.wall.now).toBeGreaterThan(wait);
			node.wall.now = second.nextAttemptAt ?? 0;
			expect((await attempt()).status).toBe('done');
			expect(remote.value('articles', '1', 'title')).toBe('title of 1');
		});

		it('is tried at once when somebody insists', async () => {
			await fail(5);
			expect((await attempt()).status).toBe('waiting');
			expect((await attempt(true)).status).toBe('done');
		});

		it('starts with short waits again after it has worked', async () => {
			await fail(8);
			await attempt(true);
			expect(await health()).toMatchObject({ attempts: 0, nextAttemptAt: null, failingSince: null, error: null });
			await edit('2');
			await fail(1);
			expect(((await health()).nextAttemptAt ?? 0) - node.wall.now).toBeLessThanOrEqual(1000);
		});

		it('waits as long as the remote asks', async () => {
			await fail(1, () => new RemoteError('overloaded', 'Wait.', MINUTE));
			expect((await health()).nextAttemptAt).toBe(node.wall.now + MINUTE);
		});

		describe('because it is busy, though batches get through in between', () => {
			const ITEMS = 3000;
			const busy = () => new RemoteError('overloaded', 'Wait.', null, { status: 503, code: 'SERVICE_UNAVAILABLE' });

			beforeEach(async () => {
				for (let item = 2; item <= ITEMS; item += 1) await node.edit('articles', String(item), { title: 'x' });
				await settle(node.ports);
				await node.ports.checkpoints.request(['remote'], node.data.lastSeq);
			});

			/** Pushes until all is delivered, each time when the next attempt is due. Milliseconds. */
			const deliverAll = async (): Promise<number> => {
				const began = node.wall.now;
				for (let attempts = 0; (await attempt()).status !== 'done'; attempts += 1) {
					expect(attempts).toBeLessThan(100);
					node.wall.now = (await health()).nextAttemptAt ?? 0;
					remote.wall.now = node.wall.now;
				}
				return node.wall.now - began;
			};
			const everyThird = (error: () => RemoteError) => {
				let count = 0;
				network.fault = (_source, changes) => {
					if (changes === null) return null;
					count += 1;
					return count % 3 === 0 ? error() : null;
				};
			};

			it.each([
				['busy', busy],
				['down for a moment', () => new RemoteError('overloaded', 'Wait.', null, { status: 503 })],
				['cut off for a moment', unreachable],
			])(
				'goes on within seconds each time where it is %s',
				async (_title, error) => {
					everyThird(error);
					expect(await deliverAll()).toBeLessThan(30_000);
					expect(remote.value('articles', String(ITEMS), 'title')).toBe('x');
					expect(notices).toEqual([]);
				},
				60_000,
			);

			it('sends smaller batches after each failure, and larger ones again when they get through', async () => {
				const sizes: number[] = [];
				network.fault = (_source, changes) => {
					if (changes === null) return null;
					sizes.push(changes.length);
					return sizes.length <= 3 ? busy() : null;
				};
				await deliverAll();
				expect(sizes.slice(0, 4)).toEqual([500, 250, 125, 62]);
				expect(Math.max(...sizes.slice(4))).toBe(500);
				expect(sizes.at(-1)).toBeGreaterThan(62);
			}, 60_000);
		});

		it('is asked again within half a minute while it is busy, and is not taken for one that is down', async () => {
			const busy = () => new RemoteError('overloaded', 'Wait.', null, { status: 503, code: 'SERVICE_UNAVAILABLE' });
			await fail(8, busy);
			const { nextAttemptAt, unansweredSince } = await health();
			expect((nextAttemptAt ?? 0) - node.wall.now).toBeLessThanOrEqual(30_000);
			expect(unansweredSince).toBeNull();
			expect(notices).toEqual([]);
			await fail(20, busy);
			expect(notices).toEqual(['outage: Wait.']);
		});

		it('because of a fault of ours pauses too, and shows it', async () => {
			node.ports = {
				...node.ports,
				deliveries: { ...node.ports.deliveries, read: () => Promise.reject(new TypeError('oops')) },
			};
			expect(await attempt()).toMatchObject({ status: 'failing', error: 'Data Sync failed: oops' });
			expect(node.data.reports.get('remote')?.error).toContain('oops');
		});

		it('shows its error once, not at every attempt', async () => {
			let reports = 0;
			const { report } = node.ports.sources;
			node.ports.sources.report = async (...args) => {
				reports += 1;
				await report(...args);
			};
			await fail(6);
			expect(reports).toBe(1);
		});
	});

	describe('tells the users', () => {
		it('once per outage when it has failed three times, and once when it has recovered', async () => {
			await fail(2);
			expect(notices).toEqual([]);
			await fail(10);
			expect(notices).toEqual(['outage: It can not be reached.']);
			await attempt(true);
			await attempt();
			expect(notices).toEqual(['outage: It can not be reached.', 'recovered']);
		});

		it('of every outage anew', async () => {
			for (let outage = 0; outage < 2; outage += 1) {
				await fail(4);
				await attempt(true);
			}
			expect(notices).toHaveLength(4);
		});

		it('nothing of an outage that passed before anybody was told', async () => {
			await fail(2);
			await attempt(true);
			expect(notices).toEqual([]);
		});

		it.each(['unauthorised', 'misconfigured', 'incompatible'] as const)(
			'at once when it is %s, which does not pass by itself',
			async (kind) => {
				await fail(3, () => new RemoteError(kind, 'Mend it.'));
				expect(notices).toEqual(['outage: Mend it.']);
			},
		);

		it('of refused items once, grouped, however often it is tried', async () => {
			refuseEverything();
			await edit('2');
			await attempt();
			await attempt();
			await edit('3');
			await attempt();
			expect(notices).toEqual(['refused: 2, 1']);
		});

		it('of refused items again only after all had been solved', async () => {
			refuseEverything();
			await attempt();
			node.ports = { ...node.ports, transport: network.transport };
			await edit('1', 'fine');
			await attempt();
			refuseEverything();
			await edit('1', 'bad again');
			await attempt();
			expect(notices).toEqual(['refused: 1, 1', 'refused: 1, 1']);
		});
	});

	function refuseEverything(): void {
		const transport: TransportPort = {
			info: network.transport.info,
			send: async (_source, { changes }) =>
				changes.map(() => ({ outcome: 'failed', code: 'invalid_value', message: 'No.' })),
		};
		node.ports = { ...node.ports, transport };
	}

	describe('looks at deliveries that wait', () => {
		let comments: Source;

		beforeEach(async () => {
			const entry = { collection: 'comments', fields: ['text', 'article'], onMissing: 'wait' };
			comments = source('remote', { schema: [entry] });
			remote = createTestNode({
				number: 2,
				foreignKeys: [{ collection: 'comments', field: 'article', parent: 'articles' }],
			});
			network.join(REMOTE.url, remote.ports);
			await node.edit('comments', 'c', { text: 'hi', article: '1' });
			await settle(node.ports);
			await node.ports.checkpoints.request(['remote'], node.data.lastSeq);
			await attempt(false, comments);
			expect(await node.ports.deliveries.read('remote')).toMatchObject([{ item: 'c', status: 'pending' }]);
		});

		it('when they are due', async () => {
			remote.write('articles', '1', { title: 'arrived by another way' });
			await attempt(false, comments);
			expect(remote.value('comments', 'c', 'text')).toBe(undefined);
			node.wall.now += 2000;
			await attempt(false, comments);
			expect(remote.value('comments', 'c', 'text')).toBe('hi');
			expect(await node.ports.deliveries.read('remote')).toEqual([]);
		});

		it('when something was applied that may be the parent', async () => {
			await attempt(false, source('remote'));
			expect(remote.value('comments', 'c', 'article')).toBe('1');
			expect(await node.ports.deliveries.read('remote')).toEqual([]);
		});
	});

	describe('sends again what was refused', () => {
		const HOUR = 60 * 60 * 1000;
		const deliveries = () => node.ports.deliveries.read('remote');
		let refuses: boolean;

		beforeEach(async () => {
			refuses = true;
			const rule = () => (refuses ? new Refusal('failed', 'invalid_value', 'No.') : null);
			remote = createTestNode({ number: 2, rules: [rule] });
			network.join(REMOTE.url, remote.ports);
			for (let item = 2; item <= 250; item += 1) await edit(String(item));
			await attempt();
			expect(await deliveries()).toHaveLength(250);
		});

		it('about an hour later, and from then on ever more seldom', async () => {
			await attempt();
			const [{ attempts: before } = { attempts: 0 }] = await deliveries();
			expect(before).toBe(1);
			const end = node.wall.now + 5 * 24 * HOUR;
			for (; node.wall.now < end; node.wall.now += 2 * HOUR) {
				remote.wall.now = node.wall.now;
				await attempt();
			}
			for (const { attempts } of await deliveries()) {
				expect(attempts).toBeGreaterThan(6);
				expect(attempts).toBeLessThan(11);
			}
		}, 60_000);

		it('no more than a hundred at once, unless something gets through', async () => {
			node.wall.now += HOUR;
			remote.wall.now = node.wall.now;
			await attempt();
			expect((await deliveries()).filter(({ attempts }) => attempts === 2)).toHaveLength(100);
			expect((await deliveries()).filter(({ attempts }) => attempts === 1)).toHaveLength(150);

			refuses = false;
			await attempt();
			expect(await deliveries()).toHaveLength(100);
			expect(remote.value('articles', '250', 'title')).toBe('title of 250');
		});

		it('when it is due because the source was configured anew', async () => {
			refuses = false;
			await node.ports.deliveries.makeDue(['remote']);
			await attempt();
			expect(await deliveries()).toEqual([]);
		});
	});

	it('starts over when the configuration has changed, and tells what the new one lists', async () => {
		await attempt(false, source('remote', { schema: [{ collection: 'articles', fields: ['body'] }] }));
		expect(remote.value('articles', '1', 'title')).toBe(undefined);
		await attempt(false, REMOTE);
		expect(remote.value('articles', '1', 'title')).toBe('title of 1');
	});

	it('tells what is listed newly of items that came from the remote itself', async () => {
		const narrow = source('remote', { schema: [{ collection: 'articles', fields: ['title'] }] });
		node.data.sources = [narrow, source('other', { published: false })];
		await node.edit('articles', '1', { body: 'written here' });
		await settle(node.ports);
		await node.ports.checkpoints.request(['remote'], node.data.lastSeq);
		await attempt(false, narrow);
		const row = node.row('articles', '1');
		node.data.feed.set('articles\u00001', { ...row, path: [nodeId(2)] });
		expect(remote.value('articles', '1', 'body')).toBe(undefined);

		network.fault = (_source, changes) => (changes ? unreachable() : null);
		await attempt(false, REMOTE);
		network.fault = null;
		await attempt(true, REMOTE);
		expect(remote.value('articles', '1', 'body')).toBe('written here');
		const sent = network.sent.length;
		await attempt(true, REMOTE);
		expect(network.sent.length).toBe(sent);
	});

	it('has not started over before what was applied under the old listing, and is settled later, is told as well', async () => {
		const narrow = source('remote', { schema: [{ collection: 'articles', fields: ['title'] }] });
		node.data.sources = [narrow, source('other', { published: false })];
		await node.edit('articles', '1', { body: 'written here' });
		await settle(node.ports);
		await node.ports.checkpoints.request(['remote'], node.data.lastSeq);
		await attempt(false, narrow);
		// As after a batch of the remote, which has acknowledged all that it was told.
		const row = node.row('articles', '1');
		node.data.feed.set('articles\u00001', { ...row, seq: null, path: [nodeId(2)], rev: row.rev + 1 });

		await attempt(false, REMOTE);
		await node.ports.checkpoints.request(['remote'], node.data.lastSeq);
		await attempt(false, REMOTE);
		expect(remote.value('articles', '1', 'body')).toBe('written here');
		const sent = network.sent.length;
		await attempt(true, REMOTE);
		expect(network.sent.length).toBe(sent);
	});

	it('starts over when another node answers at the same address', async () => {
		await attempt();
		const successor = createTestNode({ number: 3 });
		network.join(REMOTE.url, successor.ports);
		await attempt();
		expect(successor.value('articles', '1', 'title')).toBe('title of 1');
	});

	it('is tried at once when the configuration has changed', async () => {
		await fail(5);
		expect((await attempt(false, source('remote', { url: 'https://elsewhere.example' }))).status).toBe('failing');
	});

	it('does not start over because of a new key or a new name', async () => {
		await attempt();
		await attempt(false, source('remote', { apiKey: 'another', name: 'another' }));
		expect(network.sent).toHaveLength(1);
	});

	it('refuses a remote that has our own identity', async () => {
		network.join(REMOTE.url, node.ports);
		expect(await attempt()).toMatchObject({ status: 'failing' });
		expect((await health()).error).toContain('leads back to this very instance');
		expect(network.sent).toEqual([]);
	});

	it('does not ask anybody when the source can not be used as configured', async () => {
		const broken = source('remote', { configurationError: 'The URL is empty.' });
		expect(await attempt(false, broken)).toMatchObject({ status: 'failing', error: 'The URL is empty.' });
		expect(network.infos).toBe(0);
	});

	describe('with several processes', () => {
		const otherProcess = () => {
			const session = createSession(node.session.store, 'another process');
			return createMemoryPorts({ session, clock: node.ports.clock, transport: network.transport });
		};

		it('leaves the source to the process that is at it, until that is gone', async () => {
			const other = otherProcess();
			await other.leases.take('remote', 120_000);
			expect(await attempt()).toEqual({ status: 'busy' });
			expect(network.infos).toBe(0);
			node.wall.now += 120_001;
			expect((await attempt()).status).toBe('done');
		});

		it('lets the source go afterwards, whether it worked or not', async () => {
			await fail(1);
			expect(await otherProcess().leases.take('remote', 1)).toBe(true);
			await otherProcess().leases.release('remote');
			await attempt(true);
			expect(await otherProcess().leases.take('remote', 1)).toBe(true);
		});

		it('does not let a push under the old configuration undo that a new one starts over', async () => {
			const narrow = source('remote', { schema: [{ collection: 'articles', fields: ['body'] }] });
			const other = otherProcess();
			const slow: TransportPort = {
				...network.transport,
				send: async (...args) => {
					// Meanwhile the listing is widened, and this process hears of it.
					await attempt(true, REMOTE);
					return network.transport.send(...args);
				},
			};
			node.data.sources = [narrow];
			await pushSource({ ...other, transport: slow }, narrow);
			await attempt(false, REMOTE);
			expect(remote.value('articles', '1', 'title')).toBe('title of 1');
		});

		it('starts nothing over because this process has an outdated content model', async () => {
			await attempt();
			const { progress: before } = await checkpoint();
			const outdated = source('remote', { schema: [{ collection: 'articles', fields: ['body'] }] });
			const looks: unknown[] = [];
			const list: SourcesPort['list'] = async (options) => {
				looks.push(options);
				return node.ports.sources.list(options);
			};
			await edit('2');
			await pushSource({ ...node.ports, sources: { ...node.ports.sources, list } }, outdated);
			expect(looks[0]).toEqual({ pastCache: true });
			expect(network.sent.at(-1)?.changes.map(({ item }) => item)).toEqual(['2']);
			expect(await checkpoint()).toMatchObject({ progress: { fingerprint: before.fingerprint, seq: 2 } });
			expect(remote.value('articles', '2', 'title')).toBe('title of 2');
		});
	});

	it('sends a deletion after a resync though its path names the remote', async () => {
		await attempt();
		await node.edit('articles', '1', null);
		await settle(node.ports);
		node.data.feed.set('articles\u00001', { ...node.row('articles', '1'), path: [nodeId(2)] });
		const resync = async () => {
			await node.ports.checkpoints.request(['remote'], node.data.lastSeq);
			await attempt();
		};
		await resync();
		expect(remote.value('articles', '1', 'title')).toBe('title of 1');
		await resyncSources(node.ports, [REMOTE]);
		await settle(node.ports);
		await resync();
		expect(remote.data.items.has('articles\u00001')).toBe(false);
	});

	it('tells all by a second source to one remote, whatever the first has told or paths say', async () => {
		const first = {
			...REMOTE,
			listing: source('x', { schema: [{ collection: 'articles', fields: ['title'] }] }).listing,
		};
		const second = source('second', { url: REMOTE.url, schema: [{ collection: 'articles', fields: ['body'] }] });
		node.data.sources = [first, second];
		await node.edit('articles', '2', { title: 'A', body: 'a' });
		await settle(node.ports);
		await attempt(false, first);
		node.data.feed.set('articles\u00002', { ...node.row('articles', '2'), path: [nodeId(2)] });
		await node.ports.checkpoints.request(['second'], node.data.lastSeq);
		await attempt(false, second);
		expect(remote.value('articles', '2', 'body')).toBe('a');
	});
});
