/** Touches captured items that matter: those a source lists, and those the feed knows from elsewhere. */
import { isSyncableCollection } from '../delivery/listing.ts';
import type { FeedPort, SourcesPort, Touch } from '../delivery/ports.ts';

export async function touchCaptured(
	{ feed, sources }: { feed: FeedPort; sources: SourcesPort },
	touches: Touch[],
): Promise<void> {
	const syncable = lastOfEach(touches.filter((touch) => isSyncableCollection(touch.collection)));
	if (syncable.length === 0) return;

	const all = await sources.list();
	const isListed = ({ collection }: Touch) => all.some((source) => source.listing.has(collection));
	await feed.touch(syncable.filter(isListed));
	await feed.touch(
		syncable.filter((touch) => !isListed(touch)),
		{ onlyKnown: true },
	);
}

/** One upsert can't name a row twice. */
function lastOfEach(touches: Touch[]): Touch[] {
	const last = new Map<string, Touch>();

	for (const touch of touches) {
		const id = `${touch.collection}\u0000${touch.item}`;
		last.set(id, { ...touch, created: touch.created || (last.get(id)?.created ?? false) });
	}

	return [...last.values()];
}
