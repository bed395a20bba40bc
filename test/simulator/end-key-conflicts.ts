/** Admins who do what a key conflict tells them to: delete one of the two items. */
import { itemId } from '../../src/replication/change.ts';
import type { Nodes } from './nodes.ts';
import type { World } from './world.ts';

/** Longer than anything is paused, by a clock that was wrong then; and in short steps, for what no event waits for. */
const PATIENCE = 30 * 60_000;
const STEP = 10_000;
/** More than any plan has items under one key, at so many nodes. */
const MOST = 100;

/** Deletes one item after the other, at a node whose delivery says so, until no such delivery is left. Returns how many. */
export async function endKeyConflicts({ hosts, scheduler }: World, { processOf }: Nodes): Promise<number> {
	for (let count = 0; count < MOST; count += 1) {
		for (let waited = 0; waited < PATIENCE; waited += STEP) await scheduler.runUntil(scheduler.now() + STEP);
		const conflicts = hosts.flatMap(({ number, store: { data } }) =>
			[...data.deliveries.values()]
				.filter(({ code, collection, item }) => code === 'key_conflict' && data.items.has(itemId(collection, item)))
				.map(({ collection, item }) => ({ node: number, collection, item })),
		);
		const chosen = conflicts[count % conflicts.length];
		if (!chosen) return count;
		const { node, collection, item } = chosen;
		const operations = [{ kind: 'delete' as const, collection, item }];
		processOf(node)?.write({ at: 0, kind: 'write', node, operations, rollback: false, flow: true });
	}
	return MOST;
}
