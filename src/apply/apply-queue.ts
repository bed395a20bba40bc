/**
 * Batches are applied one after the other. Those that come in meanwhile wait here, before a transaction is opened: a
 * connection to the database that does nothing but wait is one that editors can't have. Only a few wait; the others are told
 * when to come back, since a sender that is told so keeps its changes at home and not in our memory.
 */

/** How many batches wait at most, beside the one that is applied. */
export const MOST_WAITING = 5;

/** Milliseconds. */
const SOONEST = 1000;
const LATEST = 30_000;
/** How much the last batch counts in the average of how long one takes. */
const WEIGHT = 0.25;

/** Too many wait. Retryable. */
export class QueueFullError extends Error {
	override name = 'QueueFullError';

	/** @param retryAfter milliseconds after which there will probably be room */
	constructor(readonly retryAfter: number) {
		super('More batches wait to be applied than this instance lets wait.');
	}
}

/** Nobody waits for the answer any more; nothing was done. */
export class RequestGoneError extends Error {
	override name = 'RequestGoneError';
}

export type ApplyQueue = {
	/**
	 * Runs the work when it is its turn; first come, first served. Rejects with a QueueFullError at once, with a
	 * RequestGoneError when the signal is given before its turn, and as the work does.
	 */
	run<T>(work: () => Promise<T>, gone: AbortSignal): Promise<T>;
};

/** @param now a clock that never goes back, in milliseconds */
export function createApplyQueue(now: () => number, most = MOST_WAITING): ApplyQueue {
	const waiting: (() => void)[] = [];
	let isBusy = false;
	let average = SOONEST;

	const turn = (gone: AbortSignal): Promise<void> =>
		new Promise((resolve, reject) => {
			const start = () => {
				gone.removeEventListener('abort', giveUp);
				resolve();
			};
			const giveUp = () => {
				waiting.splice(waiting.indexOf(start), 1);
				reject(new RequestGoneError());
			};
			waiting.push(start);
			gone.addEventListener('abort', giveUp, { once: true });
		});

	return {
		run: async (work, gone) => {
			if (gone.aborted) throw new RequestGoneError();
			if (isBusy && waiting.length >= most) {
				throw new QueueFullError(Math.min(LATEST, Math.max(SOONEST, average * waiting.length)));
			}
			// Who is next has been handed the turn: it is never free in between.
			if (isBusy) await turn(gone);
			isBusy = true;
			const began = now();

			try {
				return await work();
			} finally {
				average += WEIGHT * (now() - began - average);
				const next = waiting.shift();
				if (next) next();
				else isBusy = false;
			}
		},
	};
}
