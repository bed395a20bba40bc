import { beforeEach, describe, expect, it } from 'vitest';
import { type Cleaner, createCleaner } from '../../src/engine/clean.ts';
import { resyncSources } from '../../src/engine/resync.ts';
import { sourceStatus } from '../../src/engine/status.ts';
import { settle } from '../../src/feed/settle.ts';
import { finished } from '../../src/link/fingerprint.ts';
import { OWN_CHECKPOINT } from '../../src/link/port.ts';
import { RECONCILE } from '../../src/push/gap.ts';
import { pushSource } from '../../src/push/push-source.ts';
import { itemId } from '../../src/replication/change.ts';
import type { Source } from '../../src/sources/port.ts';
import { createTestNetwork, type TestNetwork } from '../support/memory/network.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';

const DAY = 24 * 3_600_000;
const AGE = 90 * DAY;
const NO_PAGES = [{ collection: 'articles', fields: ['title'] }];

describe('cleaning', () => {
	let node: TestNode;
	let remotes: Record<string, TestNode>;
	let cleaner: Cleaner;
	let told: string[];
	let network: TestNetwork;

	beforeEach(() => {
		network = createTestNetwork();
		told = [];
		node = createTestNode({
			sources: [source('east'), source('west')],
			transport: network.transport,
			notify: {
				outage: async () => {},
				recovered: async () => {},
				refused: async () => {},
				leftOut: async () => {},
				incomplete: async ({ id }) => {
					told.push(id);
				},
			},
		});
		remotes = { east: createTestNode({ number: 2 }), west: createTestNode({ number: 3 }) };
		for (const [id, remote] of Object.entries(remotes)) network.join(source(id).url, remote.ports);
		cleaner = createCleaner(node.ports, AGE);
	});

	const find = (id: string): Source => {
		const found = node.data.sources.find((each) => each.id === id);
		if (!found) throw new Error(`there is no source ${id}`);
		return found;
	};
	const setPublished = (id: string, published: boolean) => {
		node.data.sources = node.data.sources.map((each) => (each.id === id ? { ...each, published } : each));
	};
	const push = async (...ids: string[]) => {
		await settle(node.ports);
		for (const id of ids) {
			await node.ports.checkpoints.request([id], node.data.lastSeq);
			expect(await pushSource(node.ports, find(id), { force: true })).toMatchObject({ status: 'done' });
		}
	};
	const pass = (milliseconds: number) => {
		for (const each of [node, ...Object.values(remotes)]) each.wall.now += milliseconds;
	};
	const isKnown = (item: string, collection = 'articles') => node.data.feed.has(itemId(collection, item));
	const remove = async (item: string) => {
		await node.edit('articles', item, { title: 'Doomed' });
		await settle(node.ports);
		await node.edit('articles', item, null);
		await settle(node.ports);
	};

	describe('of deletions', () => {
		it('drops those that every published source has acknowledged and that are old', async () => {
			await node.edit('articles', 'stays', { title: 'Stays' });
			await remove('1');
			await push('east');
			pass(AGE + DAY);
			await cleaner.clean();
			expect(isKnown('1')).toBe(true);
			await push('west');
			await cleaner.clean();
			expect(isKnown('1')).toBe(false);
			expect(isKnown('stays')).toBe(true);
			expect(node.data.forgotten).toMatchObject({ seq: 3, lives: { articles: 2 } });
		});

		it('keeps those that are not old yet: since they are known here', async () => {
			await remove('1');
			await push('east', 'west');
			pass(AGE - DAY);
			await cleaner.clean();
			expect(isKnown('1')).toBe(true);
			await settle(node.ports);
			pass(DAY);
			await cleaner.clean();
			expect(isKnown('1')).toBe(false);
		});

		it('does not wait for paused sources, and tells them once, until everything is sent again', async () => {
			await node.edit('articles', '1', { title: 'Told' });
			await push('east', 'west');
			setPublished('west', false);
			await node.edit('articles', '1', null);
			await push('east');
			pass(AGE + DAY);
			await cleaner.clean();
			expect(isKnown('1')).toBe(false);
			expect(await sourceStatus(node.ports, find('west'))).toMatchObject({ reconcile: false });

			setPublished('west', true);
			await node.edit('articles', '2', { title: 'New' });
			await push('east', 'west');
			await push('west');
			expect(remotes.west?.value('articles', '2', 'title')).toBe('New');
			expect(remotes.west?.value('articles', '1', 'title')).toBe('Told');
			expect(told).toEqual(['west']);
			expect(await sourceStatus(node.ports, find('west'))).toMatchObject({ reconcile: true, error: RECONCILE });
			expect(await sourceStatus(node.ports, find('east'))).toMatchObject({ reconcile: false, error: null });
			expect(node.data.reports.get('west')).toMatchObject({ error: RECONCILE });

			await resyncSources(node.ports, [find('west')]);
			await push('west');
			expect(await sourceStatus(node.ports, find('west'))).toMatchObject({ reconcile: false, error: null });
			expect(node.data.reports.get('west')).toMatchObject({ error: null });
			expect(told).toEqual(['west']);
		});

		it('tells a source also when its configuration has changed meanwhile', async () => {
			await node.edit('articles', '1', { title: 'Told' });
			await push('east', 'west');
			setPublished('west', false);
			await node.edit('articles', '1', null);
			await push('east');
			pass(AGE + DAY);
			await cleaner.clean();
			node.data.sources = [find('east'), source('west', { schema: NO_PAGES })];
			await push('west');
			expect(told).toEqual(['west']);
		});

		it('tells no source that only starts over, however often that is interrupted', async () => {
			await remove('1');
			await push('east', 'west');
			pass(AGE + DAY);
			await cleaner.clean();
			await node.edit('articles', '2', { title: 'Later' });
			await push('east', 'west');
			for (const seq of [0, 1]) {
				await node.ports.checkpoints.saveProgress('west', { seq, fingerprint: finished(source('another')) });
				await push('west');
				await node.ports.checkpoints.saveProgress('west', { seq });
				await push('west');
			}
			expect(told).toEqual([]);
		});

		it('tells no source that is new, or that had acknowledged all that was dropped', async () => {
			await remove('1');
			await push('east', 'west');
			setPublished('west', false);
			pass(AGE + DAY);
			await cleaner.clean();
			expect(isKnown('1')).toBe(false);
			await node.edit('articles', '2', { title: 'Later' });
			setPublished('west', true);
			await push('east', 'west');
			node.data.sources = [...node.data.sources, source('fresh', { url: source('east').url })];
			await push('fresh');
			expect(told).toEqual([]);
		});

		it('lets a key be used again, also where the deletion is still known', async () => {
			await remove('home');
			await push('east', 'west');
			pass(AGE + DAY);
			await cleaner.clean();
			expect(isKnown('home')).toBe(false);
			await node.edit('articles', 'home', { title: 'New home' });
			await push('east', 'west');
			expect(remotes.east?.value('articles', 'home', 'title')).toBe('New home');
			expect(remotes.west?.value('articles', 'home', 'title')).toBe('New home');
			await node.edit('articles', 'home', null);
			await push('east', 'west');
			expect(remotes.east?.data.items.has(itemId('articles', 'home'))).toBe(false);
		});

		it('remembers no life of keys that are counted up', async () => {
			await node.edit('pages', '1', { title: 'One' });
			await node.edit('pages', '1', null);
			await push('east', 'west');
			pass(AGE + DAY);
			await cleaner.clean();
			expect(isKnown('1', 'pages')).toBe(false);
			expect(node.data.forgotten).toMatchObject({ lives: {} });
		});

		it('goes in parts, and says whether there is more', async () => {
			await remove('0');
			const row = node.row('articles', '0');
			for (let count = 1; count < 10_600; count += 1) {
				const id = itemId('articles', String(count));
				node.data.feed.set(id, { ...row, item: String(count) });
				node.data.endedAt.set(id, node.wall.now);
			}
			await push('east', 'west');
			pass(AGE + DAY);
			expect(await cleaner.clean()).toBe(true);
			expect(node.data.feed.size).toBe(600);
			expect(await cleaner.clean()).toBe(false);
			expect(node.data.feed.size).toBe(0);
		});
	});

	describe('of collections that no source lists any more', () => {
		const unlist = () => {
			node.data.sources = ['east', 'west'].map((id) => source(id, { schema: NO_PAGES }));
		};

		beforeEach(async () => {
			await node.edit('comments', '1', { text: 'Ours' });
			await node.edit('articles', '1', { title: 'Listed' });
			await push('east', 'west');
			pass(AGE + DAY);
		});

		it('drops rows once that has been so for long', async () => {
			await cleaner.clean();
			unlist();
			await cleaner.clean();
			pass(AGE - DAY);
			await cleaner.clean();
			expect(isKnown('1', 'comments')).toBe(true);
			pass(2 * DAY);
			await cleaner.clean();
			expect(isKnown('1', 'comments')).toBe(false);
			expect(isKnown('1')).toBe(true);
		});

		it('starts to count anew when it was listed meanwhile', async () => {
			const listed = node.data.sources;
			unlist();
			await cleaner.clean();
			pass(AGE - DAY);
			node.data.sources = listed.map((each) => ({ ...each, published: false }));
			await cleaner.clean();
			unlist();
			pass(2 * DAY);
			await cleaner.clean();
			expect(isKnown('1', 'comments')).toBe(true);
			expect(node.data.forgotten.unlisted).toEqual({ comments: node.wall.now });
		});

		it('keeps what a remote has told us, and what was edited lately', async () => {
			network.join(source('back').url, node.ports);
			const sender = createTestNode({ number: 9, sources: [source('back')], transport: network.transport });
			sender.wall.now = node.wall.now;
			await sender.edit('comments', '3', { text: 'Theirs' });
			await settle(sender.ports);
			await sender.ports.checkpoints.request(['back'], sender.data.lastSeq);
			await pushSource(sender.ports, source('back'), { force: true });
			await settle(node.ports);
			expect(isKnown('3', 'comments')).toBe(true);
			unlist();
			await cleaner.clean();
			pass(AGE - DAY);
			await node.edit('comments', '4', { text: 'Late' });
			await settle(node.ports);
			pass(2 * DAY);
			await cleaner.clean();
			expect(['1', '3', '4'].map((item) => isKnown(item, 'comments'))).toEqual([false, true, true]);
		});
	});

	describe('of what sources leave behind', () => {
		it('drops checkpoints and deliveries of sources that are gone, and nothing else', async () => {
			await node.edit('articles', '1', { title: 'One' });
			await push('east', 'west');
			await node.ports.checkpoints.saveHealth(OWN_CHECKPOINT, { conflicts: 7 });
			const failed = { status: 'failed', code: 'internal', message: 'no', attempts: 1, nextAttemptAt: null } as const;
			for (const id of ['east', 'west'])
				await node.ports.deliveries.put(id, [{ collection: 'articles', item: '1', ...failed }]);
			node.data.sources = [find('east')];
			await cleaner.clean();
			expect([...node.data.checkpoints.keys()].sort()).toEqual([OWN_CHECKPOINT, 'east']);
			expect([...node.data.deliveries.values()].map((each) => each.source)).toEqual(['east']);
		});
	});
});
