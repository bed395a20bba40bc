/** One timer for whatever wants something to be run: it rings at the earliest time that was asked for, and once. */
import type { TimersPort } from './port.ts';

export type Alarm = {
	/** Rings so many milliseconds from now at the latest. */
	ringIn(milliseconds: number): void;
	/** Never rings again. */
	stop(): void;
};

export function createAlarm(timers: TimersPort, ring: () => void): Alarm {
	let set: { at: number; cancel: () => void } | null = null;
	let stopped = false;

	return {
		ringIn: (milliseconds) => {
			const at = timers.now() + Math.max(0, milliseconds);
			if (stopped || (set !== null && set.at <= at)) return;
			set?.cancel();
			const cancel = timers.after(Math.max(0, milliseconds), () => {
				set = null;
				ring();
			});
			set = { at, cancel };
		},
		stop: () => {
			stopped = true;
			set?.cancel();
		},
	};
}
