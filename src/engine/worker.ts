/**
 * What happens by itself: recovering writes whose process died, delivering what no Flow asked for, and trying
 * paused sources again.
 */

import { createOutageLog, type Log } from '../directus/outage-log.ts';
import type { ClockDep } from '../directus/port.ts';
import { createAlarm } from './alarm.ts';
import type { Engine } from './engine.ts';
import type { TimersDep } from './port.ts';

/** All in milliseconds. */
const INTERVAL = 15_000;
const SOON = 1_000;
const LATER = 5_000;
const FORWARD = 50;
/** A batch update tells of itself before it has committed, so the second look is the one that may count. */
const LOOKS = [50, 1_500];
const CLEANING = 3_600_000;
/** A marker that old belongs to no living write. */
const ORPHAN_AGE = 30_000;

export type Worker = {
	/** Delivers what was written here, in case no Flow asks for it. Calls in quick succession share one run. */
	wakeSoon(): void;
	/** Tries again soon, but not at once, what our own tables did not take. */
	wakeLater(): void;
	/** Passes on what a remote has just sent, or what no Flow will hear of. */
	forwardSoon(): void;
	/** Sources were changed: every source is tried at once, paused or not, and what theirs have refused is sent again. */
	configurationChanged(sources: string[]): void;
	/** The push Flow was switched on, and what has gathered is delivered; or off, and nothing more is. */
	flowSwitched(active: boolean): Promise<void>;
	stop(): void;
};

export type Chores = {
	/** Touches what could not be touched before. */
	retry(): Promise<void>;
	/** Touches what markers of at least that age (milliseconds) stand for. */
	recover(age: number): Promise<unknown>;
	/** Removes stored files that nobody needs any more. */
	sweep(): Promise<void>;
	/** Tells editors of conflicts; whether there is more to tell. */
	tell(): Promise<boolean>;
	/** Makes what these sources' remotes have refused due now. */
	sendAgain(sources: string[]): Promise<void>;
	/** Drops a part of what nobody needs any more; whether there is more. */
	clean(): Promise<boolean>;
};

export type WorkerOptions = {
	/** How long after a run the next one is at the latest, in milliseconds. */
	interval?: () => number;
};

/** Starts at once with all markers there are: no write of this process is open yet. */
export function startWorker(
	{ timers, clock }: TimersDep & ClockDep,
	engine: Engine,
	{ retry, recover, sweep, tell, sendAgain, clean }: Chores,
	log: Log,
	{ interval = () => INTERVAL }: WorkerOptions = {},
): Worker {
	let stopped = false;
	const alarm = createAlarm(timers, () => void run({}));
	const recovering = createOutageLog(log, 'writes that were left behind are not recovered now, but later');
	const outage = createOutageLog(log, 'nothing is sent now; it is tried again every 15 seconds');
	const unsettled = createOutageLog(log, 'a part is not sent now; it is tried again every 15 seconds');
	let cleanAt = timers.now();

	const run = async (options: { force?: boolean; markerAge?: number; changed?: string[] }): Promise<void> => {
		try {
			await retry();
			await recover(options.markerAge ?? ORPHAN_AGE).then(recovering.worked, recovering.failed);
			if (options.changed?.length) await sendAgain(options.changed);
			await engine.wake(options);
			const [unsettleable] = engine.unsettleable().values();
			if (unsettleable === undefined) unsettled.worked();
			else unsettled.failed(unsettleable);
			const due = await engine.nextDue();
			if (due !== null) alarm.ringIn(Math.max(due - clock.now(), SOON));
			await sweep();
			if (await tell()) alarm.ringIn(SOON);
			if (cleanAt <= timers.now()) {
				cleanAt = timers.now() + CLEANING;
				if (await clean()) cleanAt = timers.now();
			}
			outage.worked();
		} catch (error) {
			if (!stopped) outage.failed(error);
		} finally {
			alarm.ringIn(interval());
		}
	};

	void run({ markerAge: 0 });

	return {
		wakeSoon: () => alarm.ringIn(SOON),
		wakeLater: () => alarm.ringIn(LATER),
		forwardSoon: () => alarm.ringIn(FORWARD),
		configurationChanged: (sources) => {
			for (const [index, delay] of LOOKS.entries()) {
				const isLast = index === LOOKS.length - 1;
				timers.after(delay, () => void run({ force: true, changed: isLast ? sources : [] }));
			}
		},
		flowSwitched: async (active) => {
			if (active) await run({});
			else await engine.pause();
		},
		stop: () => {
			stopped = true;
			alarm.stop();
		},
	};
}
