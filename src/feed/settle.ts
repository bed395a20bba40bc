/**
 * Settle: compare touched items with their digests, stamp what differs, and give the row its place in the feed.
 * It runs after the commit and may run twice, or in two processes at once, without harm: a row that changed since it
 * was read is left for the next run.
 */

import { FilterFault } from '../content/filter-fault.ts';
import { groupByCollection } from '../content/group.ts';
import type { CollectionShape, ItemsDep } from '../content/port.ts';
import { isNameIn } from '../content/singleton.ts';
import type { BaselineDep, ClockDep } from '../directus/port.ts';
import { itemId } from '../replication/change.ts';
import { PAGE_SIZE } from '../replication/paging.ts';
import { listedFields } from '../sources/listed-fields.ts';
import type { Source, SourcesDep } from '../sources/port.ts';
import { isWhole, observeTouched } from './compare.ts';
import { filterName } from './passes.ts';
import type { FeedDep, FeedRow, SettledRow, Touch } from './port.ts';
import { appliedTouch } from './touch.ts';
import { touchWatching } from './watch.ts';

export type SettleDeps = FeedDep & ItemsDep & SourcesDep & ClockDep & BaselineDep;

/**
 * Settles until nothing is left; returns how many rows got a new place in the feed.
 * @param onFault told of each collection that can't be settled now, and why; its rows stay unsettled, and the others go on
 */
export async function settle(
	ports: SettleDeps,
	onFault: (collection: string, error: unknown) => void = () => {},
): Promise<number> {
	let numbered = 0;
	let before = '';
	const deferred = new Set<string>();
	const failed = new Set<string>();

	for (;;) {
		const unsettled = await ports.feed.unsettled(PAGE_SIZE + deferred.size, failed);
		const rows = unsettled.filter((row) => !deferred.has(itemId(row.collection, row.item)));
		const seen = rows.map((row) => `${row.collection}/${row.item}/${row.rev}`).join();
		if (rows.length === 0 || seen === before) return numbered;
		before = seen;

		const sources = await ports.sources.list();
		const settled = new Map<FeedRow, SettledRow>();

		for (const [collection, group] of groupByCollection(rows)) {
			try {
				await touchWatching(ports, sources, appliedIn(group));
				await settleGroup(ports, sources, collection, group, { settled, deferred });
			} catch (error) {
				failed.add(collection);
				onFault(collection, error);
			}
		}

		const inOrder = rows.flatMap((row) => settled.get(row) ?? []);
		await ports.feed.settle(inOrder);
		numbered += inOrder.filter((each) => each.number).length;
	}
}

/** What a remote has sent; edits of our own have been seen to when they were captured. */
const appliedIn = (rows: FeedRow[]): Touch[] =>
	rows.filter((row) => row.seq === null && row.touched === null).map(appliedTouch);

type Settling = {
	settled: Map<FeedRow, SettledRow>;
	/** Rows that can't be told yet, files whose bytes are arriving: they stay unsettled. */
	deferred: Set<string>;
};

/** Settles rows of one collection. */
async function settleGroup(
	ports: SettleDeps,
	sources: Source[],
	collection: string,
	group: FeedRow[],
	{ settled, deferred }: Settling,
): Promise<void> {
	const shape = await ports.items.shape(collection);
	const listed = listedFields(sources, collection);
	const fieldsOf = (row: FeedRow) => new Set([...listed, ...Object.keys(row.stamps)]);
	const fields = shape && [...new Set(group.flatMap((row) => [...fieldsOf(row)]))].filter((f) => shape.fields.has(f));
	const values =
		shape && fields
			? await ports.items.read(
					shape,
					group.map((row) => row.item),
					fields,
				)
			: new Map();

	const passes = shape ? await passedFilters(ports, sources, shape, group) : null;

	for (const row of group) {
		const current = values.get(row.item) ?? null;
		const isNamed = shape !== null && isNameIn(shape, row.item);
		if (current !== null && !isWhole(current, fieldsOf(row))) {
			deferred.add(itemId(collection, row.item));
			continue;
		}

		// A collection that is gone, or has become a singleton, is no deletion of its items: the row just rests.
		const state = isNamed && observeTouched(row, shape, current, fieldsOf(row), ports);
		const passed = passes?.names.get(row.item) ?? row.passes ?? null;
		// An item that enters or leaves a filter is news, whatever has brought it about; it may have where one can't be used.
		const isNews = row.seq === null || (passed ?? '') !== (row.passes ?? '') || passes?.isCertain === false;
		settled.set(
			row,
			state
				? { row: { ...row, ...state, path: [], passes: passed }, number: true }
				: { row: { ...row, passes: passed }, number: isNews },
		);
	}
}

type Passed = {
	/** By item, as short text. */
	names: ReadonlyMap<string, string>;
	/** False if a filter can't be used, which nothing passes then: an error of the sources that have it. */
	isCertain: boolean;
};

/** Which of the sources' filters each of the items passes; null when there are none. */
async function passedFilters(
	ports: SettleDeps,
	sources: Source[],
	shape: CollectionShape,
	rows: FeedRow[],
): Promise<Passed | null> {
	const filters = new Map<string, Record<string, unknown>>();

	for (const { listing } of sources) {
		const filter = listing.get(shape.collection)?.filter;
		if (filter) filters.set(filterName(filter), filter);
	}

	if (filters.size === 0) return null;
	const passed = new Map<string, string[]>(rows.map((row) => [row.item, []]));
	let isCertain = true;

	for (const [name, filter] of [...filters].sort()) {
		try {
			for (const item of await ports.items.matching(shape, [...passed.keys()], filter)) passed.get(item)?.push(name);
		} catch (error) {
			if (!(error instanceof FilterFault)) throw error;
			isCertain = false;
		}
	}

	return { names: new Map([...passed].map(([item, names]) => [item, names.join()])), isCertain };
}
