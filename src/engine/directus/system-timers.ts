/** The process's timers. They never keep it alive. */
import type { TimersPort } from '../port.ts';

export const systemTimers: TimersPort = {
	now: () => performance.now(),
	after: (milliseconds, run) => {
		const timer = setTimeout(run, milliseconds).unref();
		return () => clearTimeout(timer);
	},
};
