/** Somebody who writes without a pause, to an instance that is killed now and then, and notes what was answered. */
import { randomUUID } from 'node:crypto';
import type { Instance } from './instance.ts';
import { sleep } from './wait-for.ts';

export type Written = {
	id: string;
	/** What the title may be in the end: the last one that was answered, and those that broke off after it. */
	titles: (string | null)[];
};

export type Writer = {
	items: Written[];
	/** How many writes were answered so far. */
	answered: () => number;
	stop: () => Promise<void>;
};

/** Creates articles, each of which is then edited some times, one request after the other. */
export function startWriter(instance: Pick<Instance, 'running' | 'api'>, number: number): Writer {
	const items: Written[] = [];
	let answered = 0;
	let stopped = false;

	/** Tries until there is an answer; every try may have been the one that counts. */
	const write = async (item: Written, title: string): Promise<void> => {
		const isNew = item.titles[0] === null;
		const path = isNew ? '/items/articles' : `/items/articles/${item.id}`;
		item.titles.push(title);

		while (!stopped) {
			const answer = instance.running
				? await instance.api(isNew ? 'POST' : 'PATCH', path, { id: item.id, title }).catch(() => null)
				: null;
			const isThere = answer?.status === 200 || (isNew && answer?.status === 400);

			if (isThere) {
				item.titles = [title];
				answered += 1;
				return;
			}
			await sleep(20);
		}
	};

	const work = async (): Promise<void> => {
		for (let count = 0; !stopped; count += 1) {
			const item: Written = { id: randomUUID(), titles: [null] };
			items.push(item);
			for (let edit = 0; edit < 3 && !stopped; edit += 1) await write(item, `Writer ${number}.${count}.${edit}`);
		}
	};

	const working = work();
	return {
		items,
		answered: () => answered,
		stop: async () => {
			stopped = true;
			await working;
		},
	};
}
