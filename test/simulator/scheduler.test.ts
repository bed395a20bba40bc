import { expect, it } from 'vitest';
import { createScheduler } from './scheduler.ts';

it('lets no seconds pass while promises are still at work', async () => {
	const scheduler = createScheduler();
	const owner = {};
	const times: number[] = [];
	scheduler.after(1, owner, async () => {
		for (let reaction = 0; reaction < 1000; reaction += 1) await null;
		times.push(scheduler.now());
	});
	scheduler.after(5_000, owner, () => times.push(scheduler.now()));
	await scheduler.runUntil(10_000);
	expect(times).toEqual([1, 5_000]);
});
