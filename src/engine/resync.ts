/** What users ask for by hand: send items again, whatever was sent before. */

import { keyText } from '../content/key-text.ts';
import type { CollectionShape, ItemsDep } from '../content/port.ts';
import type { BaselineDep, ClockDep } from '../directus/port.ts';
import { introduce } from '../feed/introduce.ts';
import type { FeedDep } from '../feed/port.ts';
import { unchangedTouch } from '../feed/touch.ts';
import { TELL_ALL } from '../link/fingerprint.ts';
import type { CheckpointsDep } from '../link/port.ts';
import { chunks, pages } from '../replication/paging.ts';
import type { Source, SourcesDep } from '../sources/port.ts';

export type ResyncDeps = FeedDep & ItemsDep & SourcesDep & ClockDep & CheckpointsDep & BaselineDep;

/** Queues the given items for all sources; items that neither exist nor ever did are left out. Returns how many. */
export async function resyncItems(ports: ResyncDeps, collection: string, items: string[]): Promise<number> {
	const shape = await ports.items.shape(collection);
	if (!shape) return 0;
	const wanted = [...new Set(items.map((item) => keyText(shape, item)))];
	let queued = 0;
	for (const part of chunks(wanted)) queued += await queue(ports, shape, await knownItems(ports, shape, part));
	return queued;
}

/** Queues every item of a collection, those from before the install included. Returns how many. */
export async function resyncCollection(ports: ResyncDeps, collection: string): Promise<number> {
	const shape = await ports.items.shape(collection);
	if (!shape) return 0;
	const keys = (after: string | null, limit: number) => ports.items.keys(shape, after, limit);
	let queued = 0;
	for await (const items of pages(keys, (key) => key)) queued += await queue(ports, shape, items);
	return queued;
}

/** Queues everything that the sources list. Returns how many items. */
export async function resyncSources(ports: ResyncDeps, sources: Source[]): Promise<number> {
	const collections = new Set(sources.flatMap((source) => [...source.listing.keys()]));
	let queued = 0;
	for (const collection of collections) queued += await resyncCollection(ports, collection);
	// Deletions as well, those included that the remote is thought to have or to be told by others.
	const renewed = { fingerprint: TELL_ALL, reconcileSince: null };
	for (const source of sources) await ports.checkpoints.saveProgress(source.id, renewed);
	return queued;
}

async function queue(ports: ResyncDeps, { collection }: CollectionShape, items: string[]): Promise<number> {
	const touches = items.map((item) => unchangedTouch({ collection, item }, ports.clock.stamp()));
	await introduce(ports, touches);
	await ports.feed.touch(touches, { again: true });
	return items.length;
}

async function knownItems(ports: ResyncDeps, shape: CollectionShape, items: string[]): Promise<string[]> {
	const existing = await ports.items.read(shape, items, []);
	const rows = await ports.feed.read(items.map((item) => ({ collection: shape.collection, item })));
	const known = new Set([...existing.keys(), ...rows.map((row) => row.item)]);
	return items.filter((item) => known.has(item));
}
