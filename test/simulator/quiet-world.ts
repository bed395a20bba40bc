/** A world in which nothing fails and nobody does anything by himself, for tests of one thing at a time. */
import { SHAPES } from './content.ts';
import { type Nodes, startNodes } from './nodes.ts';
import { NO_FAULTS, neighbours, type Operation, type Plan, type Topology } from './plan.ts';
import { createWorld, type World } from './world.ts';

const MINUTE = 60_000;

export type QuietWorld = {
	world: World;
	nodes: Nodes;
	/** Lets a node write, and tells which links changes went over because of it, sorted. */
	write(
		node: number,
		operation: Partial<Extract<Operation, { kind: 'put' }>> | { kind: 'delete'; item?: string },
	): Promise<string[]>;
	/** Lets time pass. */
	wait(minutes: number): Promise<void>;
	/** The title of an article at each node; null where there is none. */
	titles(item?: string): unknown[];
};

export async function createQuietWorld(topology: Topology, count: number): Promise<QuietWorld> {
	const schema = [...SHAPES.values()].map(({ collection, fields }) => ({ collection, fields: [...fields.keys()] }));
	const plan: Plan = {
		seed: `${topology} ${count}`,
		topology,
		nodes: Array.from({ length: count }, () => ({ vendor: 'plain', processes: 1, skew: 0, maxChanges: 1000 })),
		links: neighbours(topology, count).flatMap(([a, b]) => [
			{ from: a, to: b, schema },
			{ from: b, to: a, schema },
		]),
		foreignKeys: false,
		old: [],
		faults: NO_FAULTS,
		events: [],
		quietFrom: 0,
	};
	const world = createWorld(plan);
	const nodes = startNodes(world);
	const wait = (minutes: number) => world.scheduler.runUntil(world.scheduler.now() + minutes * MINUTE);
	let writes = 0;
	// The nodes meet.
	await wait(1);

	return {
		world,
		nodes,
		wait,
		titles: (item = 'a') =>
			world.hosts.map(({ store }) => store.data.items.get(`articles\u0000${item}`)?.title ?? null),
		write: async (node, operation) => {
			writes += 1;
			const before = world.network.sent().length;
			const ref = { collection: 'articles', item: 'a' };
			const put = { kind: 'put', write: writes, changed: ['title'], article: null } as const;
			const operations = [{ ...put, ...ref, ...operation } as Operation];
			nodes.processOf(node)?.write({ at: 0, kind: 'write', node, operations, rollback: false, flow: true });
			await wait(10);
			const sent = world.network.sent().slice(before);
			return sent.flatMap(({ from, to, body }) => (body === null ? [] : [`${from}>${to}`])).sort();
		},
	};
}
