import { describe, expect, it } from 'vitest';
import { coalesce } from '../../src/engine/coalesce.ts';

/** A task whose runs end when the test says so. */
function createTask() {
	const runs: { finish: (value: string) => void; fail: (error: Error) => void }[] = [];
	const task = () =>
		new Promise<string>((finish, fail) => {
			runs.push({ finish, fail });
		});
	return { runs, task };
}

const ticks = () => new Promise((resolve) => setImmediate(resolve));

describe('coalesce', () => {
	it('runs at once when nothing runs', async () => {
		const { runs, task } = createTask();
		const call = coalesce(task)();
		expect(runs).toHaveLength(1);
		runs[0]?.finish('first');
		expect(await call).toBe('first');
	});

	it('gives all calls during a run one run after it, never the one that had begun', async () => {
		const { runs, task } = createTask();
		const run = coalesce(task);
		const calls = [run(), run(), run(), run()];
		expect(runs).toHaveLength(1);
		runs[0]?.finish('first');
		await ticks();
		expect(runs).toHaveLength(2);
		runs[1]?.finish('second');
		expect(await Promise.all(calls)).toEqual(['first', 'second', 'second', 'second']);
	});

	it('runs again for a call during the following run', async () => {
		const { runs, task } = createTask();
		const run = coalesce(task);
		const first = run();
		const second = run();
		runs[0]?.finish('1');
		await first;
		await ticks();
		const third = run();
		runs[1]?.finish('2');
		await second;
		await ticks();
		runs[2]?.finish('3');
		expect(await third).toBe('3');
		expect(runs).toHaveLength(3);
	});

	it('has one run at a time even for who calls again as soon as the first is done', async () => {
		let running = 0;
		let most = 0;
		const run = coalesce(async () => {
			running += 1;
			most = Math.max(most, running);
			await ticks();
			running -= 1;
		});
		const again = run().then(() => run());
		await Promise.all([again, run(), run()]);
		expect(most).toBe(1);
	});

	it('goes on after a failure, which only its own callers hear of', async () => {
		const { runs, task } = createTask();
		const run = coalesce(task);
		const first = run();
		const second = run();
		runs[0]?.fail(new Error('broken'));
		await expect(first).rejects.toThrow('broken');
		await ticks();
		runs[1]?.finish('works');
		expect(await second).toBe('works');
		const third = run();
		runs[2]?.finish('again');
		expect(await third).toBe('again');
	});

	it('never has two runs at a time', async () => {
		let running = 0;
		let most = 0;
		const run = coalesce(async () => {
			running += 1;
			most = Math.max(most, running);
			await ticks();
			running -= 1;
		});
		for (let call = 0; call < 20; call += 1) {
			void run();
			if (call % 3 === 0) await ticks();
		}
		await run();
		expect(most).toBe(1);
	});
});
