/** Timers in virtual time. */
import type { TimersPort } from '../../src/engine/port.ts';
import type { Scheduler } from './scheduler.ts';

/** @param owner nothing rings once it is dead */
export const createVirtualTimers = (scheduler: Scheduler, owner: object): TimersPort => ({
	now: scheduler.now,
	after: (milliseconds, run) => {
		let isOff = false;
		scheduler.after(milliseconds, owner, () => {
			if (!isOff) run();
		});
		return () => {
			isOff = true;
		};
	},
});
