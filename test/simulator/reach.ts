/** Which node's news get to which other. */
import type { Event, LinkName, LinkPlan, Plan, Schema } from './plan.ts';

/** Whether a link tells a collection, and a field of it; of items that do not pass a filter, or did not always, nobody knows. */
export const tells =
	(collection: string, field?: string) =>
	({ schema }: LinkPlan): boolean =>
		schema.some(
			(entry) => entry.collection === collection && !entry.filter && (!field || entry.fields.includes(field)),
		);

const isSame = (a: LinkName, b: LinkName): boolean => a.from === b.from && a.to === b.to && a.name === b.name;

/** The links that are left in the end, with what they tell by then of what both nodes have. */
export function lastLinks({ links, events, nodes }: Plan): LinkPlan[] {
	const lacks = (node: number, collection: string, field?: string): boolean =>
		nodes[node]?.lacks?.some((each) => each.collection === collection && each.field === field) ?? false;
	const has = (node: number, collection: string, field: string): boolean =>
		!lacks(node, collection) && !lacks(node, collection, field);
	const isOver = (link: LinkPlan): boolean =>
		events.some(
			(event) =>
				(event.kind === 'die' && event.from === link.from && event.to === link.to) ||
				((event.kind === 'remove' || event.kind === 'unpublish') && isSame(event, link)),
		);

	return links
		.filter((link) => !isOver(link))
		.map((link) => {
			const schema = schemasOf(events, link).at(-1) ?? link.schema;
			return {
				...link,
				schema: schema
					.map((entry) => ({
						...entry,
						fields: entry.fields.filter((field) =>
							[link.from, link.to].every((node) => has(node, entry.collection, field)),
						),
					}))
					.filter(({ fields }) => fields.length > 0),
			};
		});
}

/** All that a link lists in the course of a run. */
export function schemasOf(events: Event[], link: LinkPlan): Schema[] {
	const listed = events.flatMap((event) => (event.kind === 'list' && isSame(event, link) ? [event.schema] : []));
	return [...(link.earlier ? [link.earlier] : []), link.schema, ...listed];
}

/** `reach[a][b]`: news get from node a to node b, directly or through others, by links that count. */
export function reachability(plan: Plan, counts: (link: LinkPlan) => boolean): boolean[][] {
	const numbers = plan.nodes.map((_, number) => number);
	const open = lastLinks(plan).filter(counts);
	const reach = numbers.map((a) => numbers.map((b) => a === b || open.some(({ from, to }) => from === a && to === b)));

	for (const via of numbers) {
		for (const row of reach) {
			if (row[via]) for (const b of numbers) row[b] ||= reach[via]?.[b] ?? false;
		}
	}

	return reach;
}
