import { beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { type Chores, startWorker, type Worker } from '../../src/engine/worker.ts';
import { createScheduler, type Scheduler } from '../simulator/scheduler.ts';
import { createVirtualTimers } from '../simulator/virtual-timers.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const EPOCH = 1_767_225_600_000;

describe('the worker', () => {
	let scheduler: Scheduler;
	/** What it did, after how many milliseconds. */
	let done: [number, string][];
	let log: string[];
	let due: number | null;
	let unsettleable: Map<string, string>;
	let engine: Engine;
	let chores: Chores;

	const note = (what: string): void => {
		done.push([scheduler.now(), what]);
	};
	const times = (what: string): number[] => done.filter(([, each]) => each === what).map(([time]) => time);

	beforeEach(() => {
		scheduler = createScheduler();
		done = [];
		log = [];
		due = null;
		unsettleable = new Map();
		engine = {
			wake: async ({ force = false } = {}) => note(force ? 'wake by force' : 'wake'),
			nextDue: async () => due,
			pause: async () => note('pause'),
			unsettleable: () => unsettleable,
			push: async () => [],
			report: async () => [],
			heardFrom: async () => false,
		};
		chores = {
			retry: async () => note('retry'),
			recover: async (age) => note(`recover ${age}`),
			sweep: async () => note('sweep'),
			tell: async () => false,
			sendAgain: async (sources) => note(`send again ${sources.join()}`),
			clean: async () => {
				note('clean');
				return false;
			},
		};
	});

	const start = (): Worker => {
		const clock = { now: () => EPOCH + scheduler.now(), random: () => 0, receive: () => 0, stamp: () => '' as never };
		return startWorker({ timers: createVirtualTimers(scheduler, {}), clock }, engine, chores, {
			info: (message) => log.push(message),
			warn: (message) => log.push(message),
		});
	};

	/** Lets it start, and looks only at what comes then. */
	const settled = async (): Promise<Worker> => {
		const worker = start();
		await scheduler.runUntil(0);
		done = [];
		return worker;
	};

	it('begins at once, with what every write has left behind, and goes on every 15 seconds with what is old', async () => {
		start();
		await scheduler.runUntil(40 * SECOND);
		expect(done.map(([, what]) => what).slice(0, 5)).toEqual(['retry', 'recover 0', 'wake', 'sweep', 'clean']);
		expect(times('recover 0')).toEqual([0]);
		expect(times('recover 30000')).toEqual([15 * SECOND, 30 * SECOND]);
		expect(times('wake')).toEqual([0, 15 * SECOND, 30 * SECOND]);
	});

	it('delivers within a second what was written, by one run for all that is written meanwhile', async () => {
		const worker = await settled();
		for (let write = 0; write < 10; write += 1) worker.wakeSoon();
		await scheduler.runUntil(5 * SECOND);
		expect(times('wake')).toEqual([SECOND]);
	});

	it('passes on at once what a remote has sent', async () => {
		const worker = await settled();
		worker.wakeSoon();
		worker.forwardSoon();
		await scheduler.runUntil(5 * SECOND);
		expect(times('wake')).toEqual([50]);
	});

	it('leaves our own tables in peace for a while that have taken nothing', async () => {
		const worker = await settled();
		worker.wakeLater();
		await scheduler.runUntil(14 * SECOND);
		expect(times('retry')).toEqual([5 * SECOND]);
	});

	it('tries a paused source when it is due, but not more than once a second', async () => {
		due = EPOCH + 7 * SECOND;
		await settled();
		await scheduler.runUntil(9 * SECOND);
		expect(times('wake')).toEqual([7, 8, 9].map((second) => second * SECOND));
	});

	it('comes back soon while there are conflicts to tell of', async () => {
		let untold = 3;
		chores.tell = async () => {
			untold -= 1;
			return untold > 0;
		};
		start();
		await scheduler.runUntil(10 * SECOND);
		expect(times('wake')).toEqual([0, SECOND, 2 * SECOND]);
	});

	it('cleans once an hour, and goes on while there is more', async () => {
		let more = 2;
		chores.clean = async () => {
			note('clean');
			more -= 1;
			return more > 0;
		};
		start();
		await scheduler.runUntil(HOUR + MINUTE);
		expect(times('clean')).toEqual([0, 15 * SECOND, HOUR + 15 * SECOND]);
	});

	it('looks twice when sources were changed, by force, and sends again what they refused at the second look', async () => {
		const worker = await settled();
		worker.configurationChanged(['a', 'b']);
		await scheduler.runUntil(5 * SECOND);
		expect(times('wake by force')).toEqual([50, 1500]);
		expect(times('send again a,b')).toEqual([1500]);
	});

	it('delivers what has gathered when the push Flow is switched on, and forgets it when it is switched off', async () => {
		const worker = await settled();
		await worker.flowSwitched(true);
		await worker.flowSwitched(false);
		expect(done.map(([, what]) => what)).toEqual(['retry', 'recover 30000', 'wake', 'sweep', 'pause']);
	});

	it('says once that nothing goes, tries again every 15 seconds, and says when it goes', async () => {
		let isBroken = true;
		const { wake } = engine;
		engine.wake = async (options) => {
			await wake(options);
			if (isBroken) throw new Error('the database is gone');
		};
		start();
		await scheduler.runUntil(31 * SECOND);
		expect(times('wake')).toEqual([0, 15 * SECOND, 30 * SECOND]);
		isBroken = false;
		await scheduler.runUntil(46 * SECOND);
		expect(log).toEqual([
			'Data Sync: nothing is sent now; it is tried again every 15 seconds: the database is gone',
			'Data Sync: what failed before works again.',
		]);
	});

	it('delivers although what writes have left behind can not be read, and says so', async () => {
		chores.recover = () => Promise.reject(new Error('no such table'));
		start();
		await scheduler.runUntil(0);
		expect(times('wake')).toEqual([0]);
		expect(log).toEqual(['Data Sync: writes that were left behind are not recovered now, but later: no such table']);
	});

	it('says which part is not sent', async () => {
		unsettleable.set('articles', 'Articles can not be read.');
		start();
		await scheduler.runUntil(16 * SECOND);
		unsettleable.clear();
		await scheduler.runUntil(31 * SECOND);
		expect(log).toEqual([
			'Data Sync: a part is not sent now; it is tried again every 15 seconds: Articles can not be read.',
			'Data Sync: what failed before works again.',
		]);
	});

	it('does nothing more once it is stopped', async () => {
		const worker = await settled();
		worker.stop();
		worker.wakeSoon();
		await scheduler.runUntil(MINUTE);
		expect(done).toEqual([]);
	});
});
