/**
 * What a link has not told, though it should have: looked for link by link, so that filters, differing models and listings
 * of their own are no obstacle. What its receiver has got from others counts as told.
 */
import type { FeedRow } from '../../src/feed/port.ts';
import { itemId } from '../../src/replication/change.ts';
import { isAlive } from '../../src/replication/life.ts';
import { type Timestamp, UNWRITTEN } from '../../src/replication/timestamp.ts';
import { canonical } from './history.ts';
import { matches } from './memory/items.ts';
import type { LinkPlan, Schema } from './plan.ts';
import { lastLinks } from './reach.ts';
import type { Host, World } from './world.ts';

export const findUntold = (world: World): string[] =>
	lastLinks(world.plan).flatMap((link) => untoldBy(world, link).map((what) => `${link.from} to ${link.to}: ${what}`));

/** @param link with the listing that it has by now */
export function untoldBy({ hosts }: World, { from, to, schema }: LinkPlan): string[] {
	const [sender, receiver] = [hosts[from], hosts[to]];
	if (!sender || !receiver) return [];
	return schema.flatMap((entry) =>
		[...sender.store.data.feed.values()]
			.filter(({ collection }) => collection === entry.collection)
			.flatMap((row) => compare(sender, receiver, entry, row)),
	);
}

function compare(sender: Host, receiver: Host, { fields, filter }: Schema[number], row: FeedRow): string[] {
	const { collection, item } = row;
	const name = `${collection} ${item}`;
	const id = itemId(collection, item);
	const [here, there] = [sender, receiver].map(({ store: { data } }) => data.items.get(id));
	const known = receiver.store.data.feed.get(id);
	const life = known?.life ?? 0;
	if (life > row.life) return [];
	if (!isAlive(row.life)) return there && life < row.life ? [`${name} was deleted at ${sender.number} only`] : [];
	if (!here) return [];

	const passes = !filter || matches(sender.store.data, collection, item, filter);
	const written = fields.filter((field) => stampOf(row, field) > UNWRITTEN);
	if (!passes && !there) return [];
	if (written.length === 0) return [];
	if (!there) return [`${name} exists at ${sender.number} only`];
	if (life < row.life) return [`${name} has life ${row.life} at ${sender.number}, ${life} at ${receiver.number}`];

	return fields.flatMap((field) => {
		const [sent, got] = [stampOf(row, field), stampOf(known, field)];
		const [mine, theirs] = [here, there].map((values) => canonical(collection, field, values));
		if (mine === theirs || got > sent) return [];
		if (row.stamps[field] === undefined ? here[field] === null || here[field] === undefined : sent === UNWRITTEN) {
			return [];
		}
		// A reference is left out where it would lead nowhere.
		const reference = sender.store.data.shapes.get(collection)?.references.get(field)?.to;
		if (reference && here[field] && !receiver.store.data.items.has(itemId(reference, String(here[field])))) return [];
		return [`${name} ${field} is ${mine} at ${sender.number}, ${theirs} at ${receiver.number}`];
	});
}

const stampOf = (row: FeedRow | undefined, field: string): Timestamp => row?.stamps[field]?.at ?? UNWRITTEN;
