/** Whether a write that Directus acknowledged was lost, told from what replaced what. */
import type { Values } from '../../src/content/port.ts';
import { itemId } from '../../src/replication/change.ts';
import { UNWRITTEN } from '../../src/replication/timestamp.ts';
import { SHAPES } from './content.ts';
import { type Creation, canonical, hasReplaced, type ItemHistory } from './history.ts';
import type { LinkPlan } from './plan.ts';
import { lastLinks, reachability, schemasOf, tells } from './reach.ts';
import type { Host, World } from './world.ts';

export function findLostWrites(world: World): string[] {
	return world.history.items().flatMap((history) => world.hosts.flatMap((host) => checkItem(world, history, host)));
}

function checkItem(world: World, history: ItemHistory, host: Host): string[] {
	const { collection, item } = history;
	const values = host.store.data.items.get(itemId(collection, item));
	const where = `${collection} ${item} at node ${host.number}`;

	const kept = isCounted(collection) ? history.creations.filter((each) => isKept(world, history, each)) : [];

	const reachesItem = reachability(world.plan, tells(collection));

	if (!values) {
		// It may have gone with another item, which nobody has noted.
		if (world.plan.onDelete === 'CASCADE') return [];
		// What was created while nobody listed it waits for its next edit.
		const isRelistedAt = (node: number) =>
			world.plan.links.some((link) => link.from === node && isRelisted(world, link, tells(collection)));
		const undone = history.creations.find(
			({ node, order }) =>
				!isRelistedAt(node) &&
				reachesItem[node]?.[host.number] &&
				history.deletions.every((each) => !each.uncertain && each.node === node && each.order < order),
		);
		if (undone) return [`${where} is gone, though it was created after every deletion`];
		return kept.map((each) => `${where} is gone, though nobody deleted ${each.origin}`);
	}

	const origin = canonical(collection, 'origin', values);
	const problems = kept
		.filter((each) => each.origin !== origin)
		.map((each) => `${where} is ${origin}, though nobody deleted ${each.origin}`);
	// While the deletion of an item that no feed knows is not touched yet, an edit from elsewhere brings it back.
	const isOld = !history.writes.get('origin')?.has(origin);
	// Under a counted key it may have been two items by then, one of which was deleted.
	if (isCounted(collection) && history.reborn.has(origin)) return problems;
	const reaches = (node: number | null) => node !== null && reachesItem[node]?.[host.number];
	const deletion = isOld
		? undefined
		: history.deletions.find((each) => !each.uncertain && each.origin === origin && reaches(each.node));
	if (deletion) {
		problems.push(`${where} is back, though node ${deletion.node} deleted it`);
	}

	const last = lastLinks(world.plan);
	problems.push(...findErased(world, history, host, values, origin));

	for (const [field, writes] of history.writes) {
		const value = canonical(collection, field, values);
		if (history.returned.has(field)) continue;
		// Everything was null before it was written, so that says nothing about who wrote it; and an edit of an item that
		// no feed knows may count as an edit of all its fields, as they were before.
		if (value === 'null' || !writes.has(value)) continue;
		// A rest of the life before, at a node that was told of the next one without this field.
		if ((host.store.data.feed.get(itemId(collection, item))?.stamps[field]?.at ?? UNWRITTEN) === UNWRITTEN) continue;
		const tellsField = tells(collection, field);
		// Who lists a field later may overwrite what was written while nobody shared it.
		if (world.plan.links.some((link) => isRelisted(world, link, tellsField))) continue;
		const reach = reachability(world.plan, tellsField);

		for (const write of writes.values()) {
			const isShared = write.nodes.some(
				(node) => reach[node]?.[host.number] && last.some((link) => link.from === node && tellsField(link)),
			);
			if (!isShared || !hasReplaced(writes, write, value)) continue;
			problems.push(`${where}: ${field} is ${value} again, which node ${write.nodes} replaced by ${write.value}`);
		}
	}

	return problems;
}

/**
 * Nobody empties a field: what is empty was so from the item's creation on, and every other value was written over that; or
 * from another creation under the same key, which may win over what its node did not list.
 */
function findErased(world: World, history: ItemHistory, host: Host, values: Values, origin: string): string[] {
	const { collection, item } = history;
	const shape = host.store.data.shapes.get(collection);

	return [...history.writes].flatMap(([field, writes]) => {
		if (!shape?.fields.has(field) || canonical(collection, field, values) !== 'null') return [];
		const tellsField = tells(collection, field);
		const reach = reachability(world.plan, tellsField);
		const empty = writes.get('null');
		const isLasting = (link: LinkPlan) => tellsField(link) && !isRelisted(world, link, tellsField);
		const lists = (node: number) => lastLinks(world.plan).some((link) => link.from === node && isLasting(link));
		const erased = [...writes.values()].find(
			(write) =>
				write.origin === origin &&
				write.value !== 'null' &&
				write.nodes.some((node) => reach[node]?.[host.number] && (lists(node) || !empty || empty.origin === origin)),
		);
		const { nodes, value } = erased ?? {};
		return value === undefined
			? []
			: [`${collection} ${item} at node ${host.number}: ${field} is empty, which node ${nodes} made ${value}`];
	});
}

const isRelisted = ({ plan }: World, link: LinkPlan, tellsField: (link: LinkPlan) => boolean): boolean =>
	new Set(schemasOf(plan.events, link).map((schema) => tellsField({ ...link, schema }))).size > 1;

const isCounted = (collection: string): boolean => SHAPES.get(collection)?.keyIsCounted === true;

/**
 * An item of its own that nobody deleted, nor deleted and created again in one go. What is created at a node after a deletion
 * there may count as an edit of what was deleted; and one without a birth, since an edit of it was noted before its creation,
 * as the same as others without one.
 */
function isKept({ hosts }: World, history: ItemHistory, { node, origin, order }: Creation): boolean {
	const { collection, item, writes, deletions } = history;
	const births = hosts.flatMap(({ store: { data } }) => {
		const row = data.feed.get(itemId(collection, item));
		return row ? [row.born, ...(row.buried ?? [])] : [];
	});
	return (
		!births.includes(null) &&
		[...(writes.get('origin')?.values() ?? [])].every(({ replaced }) => replaced !== origin) &&
		deletions.every((each) => !each.uncertain && each.origin !== origin && (each.node !== node || each.order > order))
	);
}
