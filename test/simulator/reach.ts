/** Which node's news get to which other. */
import type { LinkPlan, Plan } from './plan.ts';

/** Whether a link tells a collection, and a field of it. */
export const tells =
	(collection: string, field?: string) =>
	({ schema }: LinkPlan): boolean =>
		schema.some((entry) => entry.collection === collection && (!field || entry.fields.includes(field)));

/** `reach[a][b]`: news get from node a to node b, directly or through others, by links that count. */
export function reachability({ nodes, links }: Plan, counts: (link: LinkPlan) => boolean): boolean[][] {
	const numbers = nodes.map((_, number) => number);
	const open = links.filter(counts);
	const reach = numbers.map((a) => numbers.map((b) => a === b || open.some(({ from, to }) => from === a && to === b)));

	for (const via of numbers) {
		for (const row of reach) {
			if (row[via]) for (const b of numbers) row[b] ||= reach[via]?.[b] ?? false;
		}
	}

	return reach;
}
