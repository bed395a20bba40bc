/**
 * What a database that is put back takes with it: what no other node had heard of. All else has to come back, and is owed
 * by those who have it from then on.
 */
import { itemId } from '../../src/replication/change.ts';
import { UNBORN } from '../../src/replication/life.ts';
import { canonical, hasReplaced, type ItemHistory } from './history.ts';
import type { Host, World } from './world.ts';

/** To be called right after the node was put back. */
export function forgetLost({ history, hosts }: World, node: number): void {
	for (const each of history.items()) {
		forgetWrites(each, hosts);
		noteReborn(each, hosts[node]);
		each.creations = each.creations.filter(({ origin }) => hosts.some((host) => originAt(each, host) === origin));

		for (const deletion of each.deletions) {
			// It has forgotten them itself, so that what it creates now is not created after them.
			if (deletion.node === node) deletion.node = null;
			deletion.uncertain ||= !isKnownDeletion(each, hosts, deletion.origin);
		}
	}
}

/** Two births are two items under a counted key, and one of them may be deleted without the other. */
function noteReborn(history: ItemHistory, host: Host | undefined): void {
	const origin = host ? originAt(history, host) : null;
	const row = host?.store.data.feed.get(itemId(history.collection, history.item));
	if (origin !== null && (row?.life ?? UNBORN) === UNBORN) history.reborn.add(origin);
}

/** A write is left where somebody has it, or a later one that was made over it. */
function forgetWrites({ collection, item, writes: byField }: ItemHistory, hosts: Host[]): void {
	for (const [field, writes] of byField) {
		const held = hosts.map((host) => {
			const values = host.store.data.items.get(itemId(collection, item));
			return values ? canonical(collection, field, values) : null;
		});

		for (const write of [...writes.values()]) {
			const nodes = held.flatMap((value, node) => {
				const later = value === null ? undefined : writes.get(value);
				return later && (later === write || hasReplaced(writes, later, write.value)) ? [node] : [];
			});
			if (nodes.length === 0) writes.delete(write.value);
			else write.nodes = nodes;
		}
	}
}

/** Whether somebody knows for sure that the item with this origin is gone, and not only that they never had it. */
function isKnownDeletion(history: ItemHistory, hosts: Host[], origin: string): boolean {
	const lifeAt = ({ store: { data } }: Host): number => {
		const row = data.feed.get(itemId(history.collection, history.item));
		return row && row.touched === null ? row.life : Number.NaN;
	};
	const lives = hosts.filter((host) => originAt(history, host) === origin).map(lifeAt);
	return lives.length > 0 && hosts.some((host) => lives.every((life) => lifeAt(host) > life));
}

function originAt({ collection, item }: ItemHistory, { store: { data } }: Host): string | null {
	const values = data.items.get(itemId(collection, item));
	return values ? canonical(collection, 'origin', values) : null;
}
