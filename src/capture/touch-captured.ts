/**
 * Touches captured items that matter: those a source lists, those the feed knows from elsewhere, those that the database has
 * changed along, and who watches them.
 */

import { partition } from 'es-toolkit';
import { keyText } from '../content/key-text.ts';
import type { CollectionShape } from '../content/port.ts';
import { isSyncableCollection } from '../content/syncable.ts';
import { findCascaded } from '../feed/cascades.ts';
import { introduce } from '../feed/introduce.ts';
import type { Touch } from '../feed/port.ts';
import { joinTouches } from '../feed/touch.ts';
import { touchWatching, type WatchDeps } from '../feed/watch.ts';
import { itemId } from '../replication/change.ts';

export async function touchCaptured(ports: WatchDeps, touches: Touch[]): Promise<void> {
	const content = touches.filter((touch) => isSyncableCollection(touch.collection));
	if (content.length === 0) return;
	const syncable = lastOfEach(await withKeyTexts(ports, content));

	const all = await ports.sources.list();
	// First: whoever settles the deletion settles these with it, before anybody can relate them anew.
	const cascaded = await touchCascaded(ports, syncable);
	const isListed = ({ collection }: Touch) => all.some((source) => source.listing.has(collection));
	const [listed, others] = partition(syncable, isListed);
	await ports.feed.touch(await introduce(ports, listed));
	await ports.feed.touch(others, { onlyKnown: true });
	await touchWatching(ports, all, [...syncable, ...cascaded]);
}

/** What the database has emptied or deleted along. */
async function touchCascaded({ feed, items }: WatchDeps, touches: Touch[]): Promise<Touch[]> {
	const deleted = touches.filter((touch) => touch.deleted);
	if (deleted.length === 0) return [];
	const existing = async (collection: string, keys: string[]) => {
		const shape = await items.shape(collection);
		return new Set(shape ? (await items.read(shape, keys, [])).keys() : keys);
	};
	const cascaded = await findCascaded({ shape: items.shape, referring: feed.referring, existing }, deleted);
	await feed.touch(cascaded, { onlyKnown: true });
	return cascaded;
}

async function withKeyTexts({ items }: Pick<WatchDeps, 'items'>, touches: Touch[]): Promise<Touch[]> {
	const shapes = new Map<string, CollectionShape | null>();

	for (const { collection } of touches) {
		if (!shapes.has(collection)) shapes.set(collection, await items.shape(collection));
	}

	return touches.map((touch) => {
		const shape = shapes.get(touch.collection);
		return shape ? { ...touch, item: keyText(shape, touch.item) } : touch;
	});
}

/** One upsert can't name a row twice. */
function lastOfEach(touches: Touch[]): Touch[] {
	const last = new Map<string, Touch>();

	for (const touch of touches) {
		const id = itemId(touch.collection, touch.item);
		const before = last.get(id);
		last.set(id, before ? joinTouches(before, touch) : touch);
	}

	return [...last.values()];
}
