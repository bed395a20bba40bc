/**
 * Brings items into the feed that are older than it. Only what an edit has changed counts as written by that edit; all
 * else counts as written when Data Sync was installed. Otherwise the first edit of an old item here would overrule
 * every earlier edit of its other fields elsewhere, and so would a resync by hand.
 */

import { groupByCollection } from '../content/group.ts';
import type { ItemsDep } from '../content/port.ts';
import type { BaselineDep } from '../directus/port.ts';
import { itemId } from '../replication/change.ts';
import { isAlive } from '../replication/life.ts';
import type { FieldStamp } from '../replication/stamps.ts';
import { listedFields } from '../sources/listed-fields.ts';
import type { SourcesDep } from '../sources/port.ts';
import { digestField, EDITED_UNSTAMPED } from './compare.ts';
import type { FeedDep, FeedRow, Touch } from './port.ts';

export type IntroduceDeps = FeedDep & ItemsDep & SourcesDep & BaselineDep;

/**
 * Touches whose changed fields are not known, and creations, are left alone: all their fields count as written.
 * @returns the touches that mean something: an update of an item that neither the feed nor the database has does not,
 *   and must not be taken for a deletion of what another node is just creating
 */
export async function introduce(ports: IntroduceDeps, touches: Touch[]): Promise<Touch[]> {
	const candidates = touches.filter((touch) => !touch.created && (touch.changed !== null || touch.onlyUpdated));
	if (candidates.length === 0) return touches;
	const rows = new Map((await ports.feed.read(candidates)).map((row) => [itemId(row.collection, row.item), row]));
	const rowOf = (touch: Touch) => rows.get(itemId(touch.collection, touch.item));
	await rememberEdited(ports, candidates, rowOf);
	const unknown = candidates.filter((touch) => rowOf(touch) === undefined);
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

		const introduced = group.flatMap((touch) => {
			const current = values.get(touch.item);
			if (!current && touch.onlyUpdated) idle.add(touch);
			if (!current || touch.changed === null) return [];
			const stamps: Record<string, FieldStamp> = {};

			for (const field of fields) {
				const digest = digestField(shape, field, current);
				// A file whose bytes can't be told yet is being uploaded, as far as anybody knows.
				const isEdited = digest === null || touch.changed.includes(field);
				stamps[field] = isEdited ? EDITED_UNSTAMPED : { at: ports.baseline, digest };
			}

			// With its touch: a row that knew the item, but not of the edit, would let an older remote value overwrite it.
			return { collection, item: touch.item, touched: touch.at, life: 1, born: null, stamps, path: [] };
		});
		await ports.feed.introduce(introduced);
	}

	return touches.filter((touch) => !idle.has(touch));
}

/** A field of a known item that has no stamp yet, as it is listed since lately, counts as written by an edit that changes it. */
async function rememberEdited(
	{ feed, items, sources }: IntroduceDeps,
	touches: Touch[],
	rowOf: (touch: Touch) => FeedRow | undefined,
): Promise<void> {
	const unstamped = touches.flatMap((touch) => {
		const row = rowOf(touch);
		const fields = row && isAlive(row.life) ? (touch.changed ?? []).filter((field) => !row.stamps[field]) : [];
		return row && fields.length > 0 ? [{ row, fields }] : [];
	});
	if (unstamped.length === 0) return;
	const all = await sources.list();
	const edited: FeedRow[] = [];

	for (const { row, fields } of unstamped) {
		const shape = await items.shape(row.collection);
		const listed = listedFields(all, row.collection);
		const known = fields.filter((field) => listed.has(field) && shape?.fields.has(field));
		if (known.length === 0) continue;
		const stamps = Object.fromEntries(known.map((field) => [field, EDITED_UNSTAMPED]));
		edited.push({ ...row, stamps: { ...row.stamps, ...stamps } });
	}

	if (edited.length > 0) await feed.remember(edited);
}
