/** Sees to it that a missing parent is sent: one that is older than the feed would otherwise never be. */

import type { Ref } from '../content/port.ts';
import { referencesOf } from '../content/references.ts';
import type { ClockDep } from '../directus/port.ts';
import { type IntroduceDeps, introduce } from '../feed/introduce.ts';
import { unchangedTouch } from '../feed/touch.ts';
import { type Change, itemId } from '../replication/change.ts';
import type { Source } from '../sources/port.ts';

/** Touches the listed items that the children refer to and that the feed does not know yet. */
export async function touchParents(ports: IntroduceDeps & ClockDep, source: Source, children: Change[]): Promise<void> {
	const parents = new Map<string, Ref>();

	for (const { collection, fields } of children) {
		const shape = await ports.items.shape(collection);

		const values = Object.fromEntries(Object.entries(fields).map(([field, { value }]) => [field, value]));

		for (const { collection: related, item } of shape ? referencesOf(shape, values) : []) {
			if (source.listing.has(related)) parents.set(itemId(related, item), { collection: related, item });
		}
	}

	const known = new Set((await ports.feed.read([...parents.values()])).map((row) => itemId(row.collection, row.item)));
	const unknown = [...parents].filter(([id]) => !known.has(id)).map(([, ref]) => ref);
	const touches = unknown.map((ref) => unchangedTouch(ref, ports.clock.stamp()));
	await introduce(ports, touches);
	await ports.feed.touch(touches, { onlyKnown: true });
}
