import { beforeEach, describe, expect, it } from 'vitest';
import { type Alarm, createAlarm } from '../../src/engine/alarm.ts';
import { createScheduler, type Scheduler } from '../simulator/scheduler.ts';
import { createVirtualTimers } from '../simulator/virtual-timers.ts';

describe('an alarm', () => {
	let scheduler: Scheduler;
	let alarm: Alarm;
	let rings: number[];

	beforeEach(() => {
		scheduler = createScheduler();
		rings = [];
		alarm = createAlarm(createVirtualTimers(scheduler, {}), () => rings.push(scheduler.now()));
	});

	it('rings once, at the earliest time that was asked for', async () => {
		for (const delay of [500, 100, 900]) alarm.ringIn(delay);
		await scheduler.runUntil(2000);
		expect(rings).toEqual([100]);
	});

	it('rings again when asked again, be it while it rings', async () => {
		alarm = createAlarm(createVirtualTimers(scheduler, {}), () => {
			rings.push(scheduler.now());
			if (rings.length < 3) alarm.ringIn(50);
		});
		alarm.ringIn(100);
		await scheduler.runUntil(2000);
		expect(rings).toEqual([100, 150, 200]);
	});

	it('rings at once for a time that is over', async () => {
		await scheduler.runUntil(1000);
		alarm.ringIn(-500);
		await scheduler.runUntil(2000);
		expect(rings).toEqual([1000]);
	});

	it('is silent once it is stopped', async () => {
		alarm.ringIn(100);
		alarm.stop();
		alarm.ringIn(200);
		await scheduler.runUntil(2000);
		expect(rings).toEqual([]);
	});
});
