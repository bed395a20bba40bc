/**
 * Brings items into the feed that are older than it. Only what an edit has changed counts as written by that edit; all
 * else counts as written when Data Sync was installed. Otherwise the first edit of an old item here would overrule
 * every earlier edit of its other fields elsewhere, and so would a resync by hand.
 */

import { groupByCollection } from '../content/group.ts';
import type { ItemsDep } from '../content/port.ts';
import type { BaselineDep } from '../directus/port.ts';
import { itemId } from '../replication/change.ts';
import type { FieldStamp } from '../replication/stamps.ts';
import { listedFields } from '../sources/listed-fields.ts';
import type { SourcesDep } from '../sources/port.ts';
import { digestField } from './compare.ts';
import type { FeedDep, Touch } from './port.ts';

export type IntroduceDeps = FeedDep & ItemsDep & SourcesDep & BaselineDep;

/**
 * Touches whose changed fields are not known, and creations, are left alone: all their fields count as written.
 * @returns the touches that mean something: an update of an item that neither the feed nor the database has does not,
 *   and must not be taken for a deletion of what another node is just creating
 */
export async function introduce(ports: IntroduceDeps, touches: Touch[]): Promise<Touch[]> {
	const candidates = touches.filter((touch) => !touch.created && (touch.changed !== null || touch.onlyUpdated));
	if (candidates.length === 0) return touches;
	const known = new Set((await ports.feed.read(candidates)).map((row) => itemId(row.collection, row.item)));
	const unknown = candidates.filter((touch) => !known.has(itemId(touch.collection, touch.item)));
	if (unknown.length === 0) return touches;
	const sources = await ports.sources.list();
	const idle = new Set<Touch>();

	for (const [collection, group] of groupByCollection(unknown)) {
		const shape = await ports.items.shape(collection);
		if (!shape) continue;
		const fields = [...listedFields(sources, collection)].filter((field) => shape.fields.has(field));
		const values = await ports.items.read(
			shape,
			group.map((touch) => touch.item),
			fields,
		);

		const rows = group.flatMap((touch) => {
			const current = values.get(touch.item);
			if (!current && touch.onlyUpdated) idle.add(touch);
			if (!current || touch.changed === null) return [];
			const stamps: Record<string, FieldStamp> = {};

			for (const field of fields) {
				const digest = touch.changed?.includes(field) ? null : digestField(shape, field, current);
				if (digest !== null) stamps[field] = { at: ports.baseline, digest };
			}

			// With its touch: a row that knew the item, but not of the edit, would let an older remote value overwrite it.
			return { collection, item: touch.item, touched: touch.at, life: 1, born: null, stamps, path: [] };
		});
		await ports.feed.introduce(rows);
	}

	return touches.filter((touch) => !idle.has(touch));
}
