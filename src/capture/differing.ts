/** Finds what a write has changed that names no items: those whose values differ from what the feed remembers. */

import type { CollectionShape, ItemsDep, Values } from '../content/port.ts';
import type { ClockDep } from '../directus/port.ts';
import { digestField } from '../feed/compare.ts';
import type { FeedDep, FeedRow, Touch } from '../feed/port.ts';
import { writtenTouch } from '../feed/touch.ts';
import { isAlive } from '../replication/life.ts';
import { pages } from '../replication/paging.ts';
import { listedFields } from '../sources/listed-fields.ts';
import type { SourcesDep } from '../sources/port.ts';

export type DifferingDeps = FeedDep & ItemsDep & SourcesDep & ClockDep;

export type Suspicion = {
	collection: string;
	/** The fields to compare; null for all that are listed. */
	fields: string[] | null;
	/** Whether items that the feed does not know count as changed, too. */
	unknown: boolean;
};

/** Touches for the items that have changed, a page at a time. Items that are gone are not found. */
export async function* findDiffering(
	ports: DifferingDeps,
	{ collection, fields, unknown }: Suspicion,
): AsyncGenerator<Touch[]> {
	const shape = await ports.items.shape(collection);
	const listed = listedFields(await ports.sources.list(), collection);
	const compared = [...listed].filter((field) => shape?.fields.has(field) && (fields?.includes(field) ?? true));
	if (!shape || compared.length === 0) return;
	const keys = (after: string | null, limit: number) => ports.items.keys(shape, after, limit);

	for await (const items of pages(keys, (key) => key)) {
		const values = await ports.items.read(shape, items, compared);
		const rows = await ports.feed.read(items.map((item) => ({ collection, item })));
		const known = new Map(rows.map((row) => [row.item, row]));
		const differing = items.filter((item) => {
			const row = known.get(item);
			return row ? differs(row, shape, values.get(item), compared) : unknown;
		});
		yield differing.map((item) => writtenTouch({ collection, item }, ports.clock.stamp(), 'update', compared));
	}
}

function differs(row: FeedRow, shape: CollectionShape, values: Values | undefined, fields: string[]): boolean {
	if (values === undefined) return false;
	return !isAlive(row.life) || fields.some((field) => row.stamps[field]?.digest !== digestField(shape, field, values));
}
