/** Cuts a failing plan down to what it takes to fail, by leaving things out as long as it still does. */
import { type Event, NO_FAULTS, type Plan } from './plan.ts';

export async function minimise(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
	let smallest = plan;

	const attempt = async (smaller: Plan): Promise<boolean> => {
		if (!(await fails(smaller))) return false;
		smallest = smaller;
		return true;
	};

	for (let size = Number.POSITIVE_INFINITY; weight(smallest) < size; ) {
		size = weight(smallest);
		await dropEach(smallest.events, (events) => attempt({ ...smallest, events }));
		if (smallest.later) await dropEach(smallest.later, (later) => attempt({ ...smallest, later }));
		await dropEach(smallest.links, (links) => attempt({ ...smallest, links }));
		for (const [index, link] of smallest.links.entries()) {
			await dropEach(link.schema, (schema) =>
				attempt({ ...smallest, links: smallest.links.with(index, { ...link, schema }) }),
			);
		}
		await dropEach(smallest.old, (old) => attempt({ ...smallest, old }));
		await dropLastNode(() => smallest, attempt);
		await dropOperations(() => smallest, attempt);
		await attempt({ ...smallest, faults: NO_FAULTS });
		for (const [number, node] of smallest.nodes.entries()) {
			const calm = { ...node, vendor: 'plain' as const, processes: 1, skew: 0, maxChanges: 1000 };
			await attempt({ ...smallest, nodes: smallest.nodes.with(number, calm) });
		}
	}

	return smallest;
}

const weight = (plan: Plan): number => JSON.stringify(plan).length;

/** Halves first, then one by one. */
async function dropEach<T>(items: T[], attempt: (items: T[]) => Promise<boolean>): Promise<void> {
	let kept = items;

	for (let size = Math.ceil(items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
		for (let start = 0; start < kept.length; ) {
			const fewer = [...kept.slice(0, start), ...kept.slice(start + size)];
			if (await attempt(fewer)) kept = fewer;
			else start += size;
		}
	}
}

async function dropLastNode(current: () => Plan, attempt: (plan: Plan) => Promise<boolean>): Promise<void> {
	for (;;) {
		const plan = current();
		const last = plan.nodes.length - 1;
		if (last < 1) return;
		const isOf = (event: Event) => ('from' in event ? Math.max(event.from, event.to) : event.node) === last;
		const smaller = {
			...plan,
			nodes: plan.nodes.slice(0, last),
			links: plan.links.filter(({ from, to }) => from !== last && to !== last),
			events: plan.events.filter((event) => !isOf(event)),
			...(plan.later && { later: plan.later.filter((event) => !isOf(event)) }),
		};
		if (!(await attempt(smaller))) return;
	}
}

async function dropOperations(current: () => Plan, attempt: (plan: Plan) => Promise<boolean>): Promise<void> {
	for (let number = 0; number < current().events.length; number += 1) {
		const event = current().events[number];
		if (event?.kind !== 'write' || event.operations.length < 2) continue;
		await dropEach(event.operations, async (operations) => {
			if (operations.length === 0) return false;
			const plan = current();
			return attempt({ ...plan, events: plan.events.with(number, { ...event, operations }) });
		});
	}
}
