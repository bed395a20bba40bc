/** Collections that a write has changed without naming items: they are compared soon, each at most once at a time. */

import { createOutageLog, type Log } from '../../directus/outage-log.ts';
import type { Touch } from '../../feed/port.ts';
import { type DifferingDeps, findDiffering, type Suspicion } from '../differing.ts';

/** Statements that belong together come right after one another. Milliseconds. */
const GATHER = 20;

export type Suspicions = {
	add(suspicion: Suspicion): void;
	/** Waits until the collection is compared, if it is to be. */
	settled(collection: string): Promise<void>;
	/** Starts what has failed once more. */
	retry(): void;
};

export function createSuspicions(
	ports: DifferingDeps,
	touch: (touches: Touch[]) => Promise<void>,
	log: Log,
): Suspicions {
	const waiting = new Map<string, Suspicion>();
	const running = new Map<string, Promise<void>>();
	const outage = createOutageLog(log, 'a collection is not compared now; it will be as soon as that is possible');

	const compare = async (collection: string): Promise<void> => {
		await new Promise((resolve) => setTimeout(resolve, GATHER));
		for (let next = take(collection); next; next = take(collection)) {
			try {
				for await (const touches of findDiffering(ports, next)) await touch(touches);
				outage.worked();
			} catch (error) {
				outage.failed(error);
				waiting.set(collection, join(next, waiting.get(collection)));
				return;
			}
		}
	};

	const take = (collection: string): Suspicion | undefined => {
		const next = waiting.get(collection);
		waiting.delete(collection);
		return next;
	};

	const start = (collection: string): void => {
		if (running.has(collection)) return;
		const work = compare(collection).finally(() => running.delete(collection));
		running.set(collection, work);
	};

	return {
		add: (suspicion) => {
			waiting.set(suspicion.collection, join(suspicion, waiting.get(suspicion.collection)));
			start(suspicion.collection);
		},
		settled: async (collection) => running.get(collection),
		retry: () => {
			for (const collection of waiting.keys()) start(collection);
		},
	};
}

const join = (a: Suspicion, b: Suspicion = a): Suspicion => ({
	collection: a.collection,
	fields: a.fields && b.fields && [...new Set([...a.fields, ...b.fields])],
	unknown: a.unknown || b.unknown,
});
