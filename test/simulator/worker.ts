/** The worker of `src/directus/worker.ts` in virtual time. */
import type { Engine } from '../../src/engine/engine.ts';
import type { Scheduler } from './scheduler.ts';

const SOON = 1_000;
const FORWARD = 50;
const ORPHAN_AGE = 30_000;
const HOUR = 3_600_000;

export type Worker = { wakeSoon(): void; forwardSoon(): void };

export type WorkerOptions = {
	scheduler: Scheduler;
	owner: object;
	/** How often it looks for what is due, in milliseconds. */
	interval: () => number;
	engine: Engine;
	recover: (age: number) => Promise<void>;
	/** What is done once in an hour, if anything. */
	clean: (() => Promise<unknown>) | null;
	/** The node's wall clock. */
	wall: () => number;
	onError: (error: unknown) => void;
};

export function startWorker(options: WorkerOptions): Worker {
	const { scheduler, owner, interval, engine, recover, clean, wall, onError } = options;
	let cleanedAt = Number.NEGATIVE_INFINITY;
	let timer: object | null = null;
	let dueAt = 0;

	const runIn = (delay: number): void => {
		const time = scheduler.now() + Math.max(0, delay);
		if (timer !== null && dueAt <= time) return;
		const own = {};
		timer = own;
		dueAt = time;
		scheduler.after(delay, owner, () => {
			if (timer !== own) return;
			timer = null;
			void run(ORPHAN_AGE);
		});
	};

	const run = async (age: number): Promise<void> => {
		try {
			await recover(age);
			await engine.wake();
			if (clean && scheduler.now() - cleanedAt >= HOUR) {
				cleanedAt = scheduler.now();
				await clean();
			}
			const due = await engine.nextDue();
			if (due !== null) runIn(Math.max(due - wall(), SOON));
		} catch (error) {
			onError(error);
		} finally {
			runIn(interval());
		}
	};

	scheduler.after(0, owner, () => void run(0));
	return { wakeSoon: () => runIn(SOON), forwardSoon: () => runIn(FORWARD) };
}
