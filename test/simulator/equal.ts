/** Whether the nodes have become equal, in all that they share. */

import type { FeedRow } from '../../src/feed/port.ts';
import { itemId } from '../../src/replication/change.ts';
import { isAlive } from '../../src/replication/life.ts';
import { type Timestamp, UNWRITTEN } from '../../src/replication/timestamp.ts';
import { SHAPES } from './content.ts';
import { canonical } from './history.ts';
import { keysOf } from './memory/items.ts';
import { lastLinks, reachability, tells } from './reach.ts';
import type { Host, World } from './world.ts';

/**
 * A field is shared by nodes that tell it to each other, directly or through others. Where it is only told one way, the
 * receiver must not have an older value than the sender.
 */
export function findDifferences(world: World): string[] {
	const problems: string[] = [];

	for (const [collection, shape] of SHAPES) {
		const items = new Set(world.hosts.flatMap(({ store }) => keysOf(store.data, collection)));
		for (const host of world.hosts) for (const row of host.store.data.feed.values()) items.add(row.item);
		const reach = reachability(world.plan, tells(collection));

		for (const item of items) {
			problems.push(...compareItem(world, collection, item, reach, [...shape.fields.keys()]));
		}
	}

	return problems;
}

function compareItem(world: World, collection: string, item: string, reach: boolean[][], fields: string[]): string[] {
	const id = itemId(collection, item);
	// What no feed knows has never been touched, and is nobody's business.
	if (world.hosts.every(({ store }) => !store.data.feed.has(id))) return [];
	const problems = mutual(world, reach, (a, b) => {
		const [inA, inB] = [a, b].map(({ store }) => store.data.items.has(id));
		if (inA !== inB) return `${collection} ${item} exists only at node ${inA ? a.number : b.number}`;
		const [lifeA, lifeB] = [a, b].map(({ store }) => store.data.feed.get(id)?.life);
		return lifeA === lifeB ? null : `${collection} ${item} has life ${lifeA} at ${a.number}, ${lifeB} at ${b.number}`;
	});
	if (problems.length > 0) return problems;

	for (const field of fields) {
		const tellsField = tells(collection, field);
		const fieldReach = reachability(world.plan, tellsField);
		problems.push(
			...mutual(world, fieldReach, (a, b) => {
				const [valueA, valueB] = [a, b].map(({ store }) => store.data.items.get(id));
				if (!valueA || !valueB || canonical(collection, field, valueA) === canonical(collection, field, valueB))
					return null;
				// What nobody has written in this life is told to nobody: a default, or a rest of the life before.
				if ([a, b].every(({ store }) => stampOf(store.data.feed.get(id), field) === UNWRITTEN)) return null;
				return `${collection} ${item} ${field} is ${JSON.stringify(valueA[field])} at node ${a.number}, ${JSON.stringify(valueB[field])} at node ${b.number}`;
			}),
		);

		for (const { from, to } of lastLinks(world.plan).filter(tellsField)) {
			const [sent, got] = [from, to].map((node) => rowOf(world, node, id));
			if (sent?.life !== got?.life || !sent || !isAlive(sent.life)) continue;
			if (stampOf(sent, field) > stampOf(got, field))
				problems.push(`${collection} ${item} ${field} of node ${from} never got to node ${to}`);
		}
	}

	return problems;
}

const stampOf = (row: FeedRow | undefined, field: string): Timestamp => row?.stamps[field]?.at ?? UNWRITTEN;

const rowOf = (world: World, node: number, id: string): FeedRow | undefined =>
	world.hosts[node]?.store.data.feed.get(id);

/** Compares all pairs of nodes that reach each other. */
function mutual(world: World, reach: boolean[][], compare: (a: Host, b: Host) => string | null): string[] {
	return world.hosts.flatMap((a) =>
		world.hosts
			.filter((b) => b.number > a.number && reach[a.number]?.[b.number] && reach[b.number]?.[a.number])
			.flatMap((b) => compare(a, b) ?? []),
	);
}
