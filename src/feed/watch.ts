/**
 * Filters that look at related items: when one of those is written, items may enter the filter without having been
 * written themselves. They are touched, so that settle looks whether they pass. Nobody needs to hear of items that leave.
 */

import { groupByCollection } from '../content/group.ts';
import type { ClockDep } from '../directus/port.ts';
import { chunks, pages } from '../replication/paging.ts';
import { atPath, type FilterPath } from '../sources/filter.ts';
import type { Source } from '../sources/port.ts';
import { type IntroduceDeps, introduce } from './introduce.ts';
import type { Touch } from './port.ts';
import { unchangedTouch } from './touch.ts';

export type WatchDeps = IntroduceDeps & ClockDep;

type Watch = FilterPath & { watcher: string };

/** Touches the items whose filters look at what was written. Rejects if that fails for one of them, the others being done. */
export async function touchWatching(ports: WatchDeps, sources: Source[], written: Touch[]): Promise<void> {
	const watches = watchesOf(sources);
	if (watches.length === 0) return;
	const failures: unknown[] = [];

	for (const [collection, touches] of groupByCollection(written)) {
		for (const watch of watches.filter((each) => each.collection === collection)) {
			const relevant = touches.filter((touch) => mayMatter(watch, touch)).map(({ item }) => item);
			await touchAllRelated(ports, watch, relevant).catch((error: unknown) => failures.push(error));
		}
	}

	if (failures.length > 0) throw failures[0];
}

/** Every collection that some filter looks at from another one. */
export const watchedCollections = (sources: Source[]): Set<string> =>
	new Set(watchesOf(sources).map(({ collection }) => collection));

function watchesOf(sources: Source[]): Watch[] {
	const watches = new Map<string, Watch>();

	for (const { listing } of sources) {
		for (const { collection: watcher, looksAt } of listing.values()) {
			for (const path of looksAt) {
				const id = JSON.stringify([watcher, path.path]);
				const fields = [...(watches.get(id)?.fields ?? []), ...path.fields];
				watches.set(id, { ...path, fields, watcher });
			}
		}
	}

	return [...watches.values()];
}

const mayMatter = ({ fields }: Watch, { created, changed }: Touch): boolean =>
	created || changed === null || changed.some((field) => fields.includes(field));

async function touchAllRelated(ports: WatchDeps, watch: Watch, items: string[]): Promise<void> {
	for (const part of chunks(items)) await touchRelated(ports, watch, part);
}

async function touchRelated(ports: WatchDeps, { watcher, collection, path }: Watch, items: string[]): Promise<void> {
	const [watching, watched] = [await ports.items.shape(watcher), await ports.items.shape(collection)];
	if (!watching || !watched) return;
	const filter = atPath(path, { [watched.primaryKey]: watched.isSingleton ? { _nnull: true } : { _in: items } });
	const entering = (after: string | null, limit: number) => ports.items.find(watching, filter, after, limit);

	for await (const found of pages(entering, (key) => key)) {
		const touches = found.map((item) => unchangedTouch({ collection: watcher, item }, ports.clock.stamp()));
		await introduce(ports, touches);
		await ports.feed.touch(touches);
	}
}
