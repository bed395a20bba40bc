/**
 * Touches what was written, and keeps what could not be touched until it can: a fault of our tables is nobody's lost
 * edit. What is kept is bounded; beyond that, the markers and the activity log know it.
 */

import { createOutageLog, type Log } from '../../directus/outage-log.ts';
import type { Touch } from '../../feed/port.ts';
import type { WatchDeps } from '../../feed/watch.ts';
import { touchCaptured } from '../touch-captured.ts';

const MOST_KEPT = 200_000;

export type TouchQueue = {
	/**
	 * Never rejects: what can't be touched now is kept.
	 * @param whenTouched runs afterwards, sooner or later; must not reject
	 */
	touch(touches: Touch[], whenTouched?: () => Promise<void>): Promise<void>;
	/** Waits for what is under way. */
	idle(): Promise<void>;
	/** Tries again to touch what was kept. */
	retry(): Promise<void>;
};

export type TouchQueueOptions = { onTouched: () => void; onKept: () => void };

type Kept = { touches: Touch[]; whenTouched: () => Promise<void> };

export function createTouchQueue(ports: WatchDeps, log: Log, { onTouched, onKept }: TouchQueueOptions): TouchQueue {
	const underWay = new Set<Promise<void>>();
	const outage = createOutageLog(log, 'what is written is not noted now; it will be as soon as that is possible');
	let kept: Kept[] = [];
	let keptTouches = 0;

	const keep = (each: Kept): void => {
		if (keptTouches > MOST_KEPT) return;
		kept.push(each);
		keptTouches += each.touches.length;
		onKept();
	};

	const touchNow = async ({ touches, whenTouched }: Kept): Promise<void> => {
		try {
			await touchCaptured(ports, touches);
		} catch (error) {
			outage.failed(error);
			keep({ touches, whenTouched });
			return;
		}
		// Some touches may work while others do not: it is over when nothing is kept.
		if (kept.length === 0) outage.worked();
		await whenTouched();
		onTouched();
	};

	const touch: TouchQueue['touch'] = (touches, whenTouched = async () => {}) => {
		const work = touchNow({ touches, whenTouched });
		underWay.add(work);
		return work.finally(() => underWay.delete(work));
	};

	return {
		touch,
		idle: async () => {
			await Promise.all(underWay);
		},
		retry: async () => {
			const again = kept;
			kept = [];
			keptTouches = 0;
			for (const { touches, whenTouched } of again) await touch(touches, whenTouched);
		},
	};
}
