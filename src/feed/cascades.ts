/**
 * What a database does by itself to the items that refer to a deleted one: it empties the reference, or deletes them as
 * well. Nobody has written that, so the feed would not hear of it, and later take it for an edit of that later time.
 *
 * The items are found by the digests of their references, after the fact. A reference that was emptied counts as written
 * right after what it was, by nobody: so it is told to nodes that have no such relation, all nodes give it the same
 * stamp, and it loses to whatever an editor writes. An item that was deleted along counts as deleted with the other.
 */

import { groupByCollection } from '../content/group.ts';
import type { CollectionShape, Ref } from '../content/port.ts';
import { type Digest, digestValue } from '../replication/digest.ts';
import { maxTimestamp, type Timestamp, UNWRITTEN } from '../replication/timestamp.ts';
import type { Touch } from './port.ts';
import { cascadedTouch } from './touch.ts';

/** The same on the feed and inside of apply's transaction. */
export type CascadePorts = {
	shape(collection: string): Promise<CollectionShape | null>;
	/** Items whose feed rows have one of these digests for a field. */
	referring(collection: string, field: string, digests: Digest[]): Promise<Ref[]>;
	/** Those of the items that exist. */
	existing(collection: string, items: string[]): Promise<Set<string>>;
};

export type Deleted = Ref & { at: Timestamp };

/** Touches for the items that referred to deleted ones, and to those that were deleted along with these. */
export async function findCascaded(ports: CascadePorts, deleted: Deleted[]): Promise<Touch[]> {
	const touches = new Map<string, Touch>();

	for (let open = deleted; open.length > 0; ) {
		const gone: Deleted[] = [];

		for (const [collection, group] of groupByCollection(open)) {
			const at = group.map((each) => each.at).reduce(maxTimestamp, UNWRITTEN);
			const items = group.map(({ item }) => item);
			for (const [to, referring] of groupByCollection(await referringTo(ports, collection, items))) {
				const there = await ports.existing(
					to,
					referring.map(({ item }) => item),
				);

				for (const { item } of referring) {
					const id = `${to} ${item}`;
					if (touches.has(id)) continue;
					const isThere = there.has(item);
					touches.set(id, cascadedTouch({ collection: to, item }, isThere ? null : at));
					if (!isThere) gone.push({ collection: to, item, at });
				}
			}
		}

		open = gone;
	}

	return [...touches.values()];
}

async function referringTo(ports: CascadePorts, collection: string, items: string[]): Promise<Ref[]> {
	const found: Ref[] = [];

	for (const { collection: child, field } of (await ports.shape(collection))?.cascadesTo ?? []) {
		const type = (await ports.shape(child))?.fields.get(field)?.type;
		if (type === undefined) continue;
		const digests = items.map((item) => digestValue(type, item));
		found.push(...(await ports.referring(child, field, digests)));
	}

	return found;
}
