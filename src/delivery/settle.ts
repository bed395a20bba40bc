/**
 * Settle: compare touched items with their digests, stamp what differs, and give the row its place in the feed.
 * It runs after the commit and may run twice, or in two processes at once, without harm: a row that changed since it
 * was read is left for the next run.
 */
import { observeItem } from './compare.ts';
import { groupByCollection } from './group.ts';
import type { FeedRow, Ports, SettledRow, Source } from './ports.ts';

const CHUNK = 500;

export type SettlePorts = Pick<Ports, 'feed' | 'items' | 'sources' | 'clock'>;

/** Settles until nothing is left; returns how many rows got a new place in the feed. */
export async function settle(ports: SettlePorts): Promise<number> {
	let numbered = 0;
	let before = '';

	for (;;) {
		const rows = await ports.feed.unsettled(CHUNK);
		const seen = rows.map((row) => `${row.collection}/${row.item}/${row.rev}`).join();
		if (rows.length === 0 || seen === before) return numbered;
		before = seen;

		const settled = await settleRows(ports, rows);
		await ports.feed.settle(settled);
		numbered += settled.filter((each) => each.number).length;
	}
}

async function settleRows(ports: SettlePorts, rows: FeedRow[]): Promise<SettledRow[]> {
	const sources = await ports.sources.list();
	const settled = new Map<FeedRow, SettledRow>();

	for (const [collection, group] of groupByCollection(rows)) {
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

		for (const row of group) {
			// A collection that is gone is no deletion of its items: the row just rests.
			const state =
				shape &&
				observeItem(row, shape, values.get(row.item) ?? null, fieldsOf(row), row.touched ?? ports.clock.stamp());
			settled.set(
				row,
				state ? { row: { ...row, ...state, path: [] }, number: true } : { row, number: row.seq === null },
			);
		}
	}

	return rows.flatMap((row) => settled.get(row) ?? []);
}

/** Every field of the collection that any source lists. */
export function listedFields(sources: Source[], collection: string): Set<string> {
	return new Set(sources.flatMap((source) => source.listing.get(collection)?.fields ?? []));
}
