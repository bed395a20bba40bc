/** The ports in memory behave as those on a database do: what is simulated on them holds for real. */
import createKnex, { type Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STATE } from '../../../schema.ts';
import type { CheckpointsPort, FeedPort, FeedRow, Touch, TouchOptions } from '../../../src/delivery/ports.ts';
import { createCheckpoints } from '../../../src/directus/checkpoints.ts';
import { createFeed } from '../../../src/directus/feed/index.ts';
import { digestText } from '../../../src/replication/digest.ts';
import type { NodeId, Timestamp } from '../../../src/replication/timestamp.ts';
import { missingTables } from '../../../src/setup/tables.ts';
import { createMemoryCheckpoints } from './checkpoints.ts';
import { createVirtualClock } from './clock.ts';
import { createDatabase } from './database.ts';
import { createMemoryFeed } from './feed.ts';
import { createSession, createStore } from './session.ts';
import { plain } from './vendor.ts';

const NODE = '0000000000aa' as NodeId;
const OTHER = '0000000000bb' as NodeId;

type Made = {
	feed: FeedPort;
	checkpoints: CheckpointsPort;
	otherProcess: CheckpointsPort;
	end: () => Promise<unknown>;
};

const clock = () => createVirtualClock({ node: NODE, wall: () => Date.now() });

async function inMemory(): Promise<Made> {
	const store = createStore(createDatabase({ node: NODE, vendor: plain, shapes: new Map() }));
	const session = createSession(store, 'this process');
	return {
		feed: createMemoryFeed(session, clock()),
		checkpoints: createMemoryCheckpoints(session, clock()),
		otherProcess: createMemoryCheckpoints(createSession(store, 'another process'), clock()),
		end: async () => {},
	};
}

async function onSqlite(): Promise<Made> {
	const pool = { min: 1, max: 1 };
	const database: Knex = createKnex({
		client: 'sqlite3',
		connection: { filename: ':memory:' },
		useNullAsDefault: true,
		pool,
	});
	for (const { create } of await missingTables({ database })) await create();
	await database(STATE).insert({ id: 1, node: NODE, last_seq: 0, installed_at: 1 });
	return {
		feed: createFeed(database, clock()),
		checkpoints: createCheckpoints(database),
		otherProcess: createCheckpoints(database),
		end: () => database.destroy(),
	};
}

const at = (number: number): Timestamp => `00000000000${number}-0000-0000000000aa0001` as Timestamp;

const touchOf = (item: string, number: number, touch: Partial<Touch> = {}): Touch => ({
	collection: 'articles',
	item,
	at: at(number),
	created: false,
	changed: null,
	...touch,
});

describe.each([
	['in memory', inMemory],
	['on SQLite', onSqlite],
])('ports %s', (_name, make) => {
	let made: Made;

	beforeEach(async () => {
		made = await make();
	});
	afterEach(() => made.end());

	const touch = (touches: Touch[], options?: TouchOptions) => made.feed.touch(touches, options);

	const row = async (item: string, collection = 'articles'): Promise<FeedRow> => {
		const [found] = await made.feed.read([{ collection, item }]);
		if (!found) throw new Error(`no row of ${item}`);
		return found;
	};

	/** Settles an item as living, with a stamp, and numbers it. */
	const settle = async (...items: string[]) => {
		const rows = await Promise.all(items.map((item) => row(item)));
		const stamps = { title: { at: at(1), digest: digestText('x') } };
		await made.feed.settle(rows.map((each) => ({ row: { ...each, life: 1, stamps, path: [OTHER] }, number: true })));
	};

	describe('the feed', () => {
		it('starts empty', async () => {
			expect(await made.feed.head()).toBe(0);
			expect(await made.feed.unsettled(10)).toEqual([]);
			expect(await made.feed.after(0, 10)).toEqual([]);
			expect(await made.feed.read([{ collection: 'articles', item: '1' }])).toEqual([]);
		});

		it('keeps the latest touch, and counts the writes', async () => {
			await touch([touchOf('1', 2)]);
			expect(await row('1')).toEqual({
				collection: 'articles',
				item: '1',
				seq: null,
				touched: at(2),
				rev: 0,
				life: 0,
				born: null,
				stamps: {},
				path: [],
			});
			await touch([touchOf('1', 3)]);
			await touch([touchOf('1', 1)]);
			expect(await row('1')).toMatchObject({ touched: at(3), rev: 2 });
		});

		it('gives a new item its birth, and an item that lives keeps it', async () => {
			await touch([touchOf('1', 1, { created: true })]);
			await touch([touchOf('1', 2)]);
			expect((await row('1')).born).toBe(at(1));
			await settle('1');
			await touch([touchOf('1', 3, { created: true })]);
			expect((await row('1')).born).toBe(at(1));
		});

		it('gives a dead item a new birth', async () => {
			await touch([touchOf('1', 1, { created: true })]);
			await made.feed.settle([{ row: { ...(await row('1')), life: 2 }, number: true }]);
			await touch([touchOf('1', 3)]);
			expect((await row('1')).born).toBe(at(1));
			await touch([touchOf('1', 4, { created: true })]);
			expect((await row('1')).born).toBe(at(4));
		});

		it('can leave out items it does not know', async () => {
			await touch([touchOf('1', 1)]);
			await touch([touchOf('1', 2), touchOf('2', 2)], { onlyKnown: true });
			expect((await row('1')).touched).toBe(at(2));
			await expect(row('2')).rejects.toThrow('no row');
		});

		it('takes an item out of its place when it is to be sent again', async () => {
			await touch([touchOf('1', 1)]);
			await settle('1');
			await touch([touchOf('1', 2)], { again: true });
			expect(await row('1')).toMatchObject({ seq: null, path: [], touched: at(2), life: 1 });
		});

		it('numbers settled rows in the given order, without gaps', async () => {
			await touch(['1', '2', '3'].map((item) => touchOf(item, 1)));
			await settle('3', '1', '2');
			expect(await made.feed.head()).toBe(3);
			expect((await made.feed.after(0, 10)).map(({ item, seq }) => [item, seq])).toEqual([
				['3', 1],
				['1', 2],
				['2', 3],
			]);
			expect(await row('3')).toMatchObject({ touched: null, rev: 1, life: 1, path: [OTHER] });
		});

		it('only clears the touch where no number is asked for', async () => {
			await touch([touchOf('1', 1)]);
			await settle('1');
			await touch([touchOf('1', 2)]);
			await made.feed.settle([{ row: await row('1'), number: false }]);
			expect(await row('1')).toMatchObject({ seq: 1, touched: null });
			expect(await made.feed.head()).toBe(1);
		});

		it('leaves alone what has changed since it was read', async () => {
			await touch([touchOf('1', 1)]);
			const read = await row('1');
			await touch([touchOf('1', 2)]);
			await made.feed.settle([{ row: { ...read, life: 1 }, number: true }]);
			expect(await row('1')).toMatchObject({ seq: null, touched: at(2), life: 0, rev: 1 });
		});

		it('lists what is unsettled, the oldest touch first', async () => {
			await touch([touchOf('1', 3), touchOf('2', 1), touchOf('3', 2)]);
			await settle('3');
			expect((await made.feed.unsettled(10)).map(({ item }) => item)).toEqual(['2', '1']);
			expect((await made.feed.unsettled(1)).map(({ item }) => item)).toEqual(['2']);
		});

		it('lists and counts what comes after a seq', async () => {
			await touch([touchOf('1', 1), touchOf('2', 1), touchOf('3', 1)]);
			await settle('1', '2', '3');
			expect((await made.feed.after(1, 1)).map(({ item }) => item)).toEqual(['2']);
			expect((await made.feed.after(3, 10)).map(({ item }) => item)).toEqual([]);
			expect(await made.feed.countAfter(1, 3, ['articles'])).toBe(2);
			expect(await made.feed.countAfter(0, 1, ['articles'])).toBe(1);
			expect(await made.feed.countAfter(0, 3, ['pages'])).toBe(0);
			expect(await made.feed.countAfter(0, 3, [])).toBe(0);
		});

		it('introduces items it does not know, and only those', async () => {
			await touch([touchOf('1', 1)]);
			const stamps = { title: { at: at(1), digest: digestText('x') } };
			const known = { life: 1, born: null, stamps, path: [] };
			await made.feed.introduce(['1', '2'].map((item) => ({ collection: 'articles', item, ...known })));
			expect(await row('1')).toMatchObject({ life: 0, touched: at(1) });
			expect(await row('2')).toEqual({ collection: 'articles', item: '2', ...known, seq: null, touched: null, rev: 0 });
		});

		it('does nothing for nothing', async () => {
			await touch([]);
			await made.feed.settle([]);
			await made.feed.introduce([]);
			expect(await made.feed.head()).toBe(0);
		});
	});

	describe('checkpoints', () => {
		it('start at nothing', async () => {
			expect(await made.checkpoints.read('a')).toEqual({
				source: 'a',
				seq: 0,
				target: 0,
				node: null,
				fingerprint: null,
				attempts: 0,
				nextAttemptAt: null,
				failingSince: null,
				error: null,
				notifiedAt: null,
				refusedNotifiedAt: null,
			});
		});

		it('keep what is saved, and nothing else changes', async () => {
			const saved = { seq: 5, node: OTHER, fingerprint: 'f', nextAttemptAt: 1_767_225_600_000, error: 'Gone.' };
			await made.checkpoints.save('a', saved);
			await made.checkpoints.save('a', { attempts: 2 });
			expect(await made.checkpoints.read('a')).toMatchObject({ ...saved, attempts: 2, target: 0 });
			expect(await made.checkpoints.read('b')).toMatchObject({ seq: 0, node: null });
		});

		it('raise the target and never lower it, but for cancelling', async () => {
			await made.checkpoints.request(['a', 'b'], 5);
			await made.checkpoints.request(['a'], 3);
			expect((await made.checkpoints.read('a')).target).toBe(5);
			await made.checkpoints.save('a', { seq: 2 });
			await made.checkpoints.cancel('a');
			expect((await made.checkpoints.read('a')).target).toBe(2);
			expect((await made.checkpoints.read('b')).target).toBe(5);
		});

		it('lend a source to one process at a time', async () => {
			expect(await made.checkpoints.lease('a', 60_000)).toBe(true);
			expect(await made.checkpoints.lease('a', 60_000)).toBe(true);
			expect(await made.otherProcess.lease('a', 60_000)).toBe(false);
			expect(await made.otherProcess.lease('b', 60_000)).toBe(true);
			await made.otherProcess.release('a');
			expect(await made.otherProcess.lease('a', 60_000)).toBe(false);
			await made.checkpoints.release('a');
			expect(await made.otherProcess.lease('a', 60_000)).toBe(true);
		});

		it('lend a source on when nobody has kept it up', async () => {
			await made.checkpoints.lease('a', -1000);
			expect(await made.otherProcess.lease('a', 60_000)).toBe(true);
		});
	});
});
