import { describe, expect, it } from 'vitest';
import { SHAPES } from './content.ts';
import { type Nodes, startNodes } from './nodes.ts';
import type { Operation, Plan, Topology } from './plan.ts';
import { NO_FAULTS, neighbours } from './plan.ts';
import { createWorld, type World } from './world.ts';

const MINUTE = 60_000;

/** A quiet world: nothing fails, and nobody does anything by himself. */
async function quietWorld(topology: Topology, count: number): Promise<{ world: World; nodes: Nodes }> {
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
	// The nodes meet.
	await world.scheduler.runUntil(MINUTE);
	return { world, nodes };
}

let writes = 0;

/** Lets a node write, and tells which links changes went over because of it, sorted. */
async function write(
	{ world, nodes }: Awaited<ReturnType<typeof quietWorld>>,
	node: number,
	operation: Partial<Extract<Operation, { kind: 'put' }>> | { kind: 'delete' },
): Promise<string[]> {
	writes += 1;
	const before = world.network.sent().length;
	const ref = { collection: 'articles', item: 'a' };
	const put = { kind: 'put', write: writes, changed: ['title'], article: null } as const;
	const operations = [{ ...put, ...ref, ...operation } as Operation];
	nodes.processOf(node)?.write({ at: 0, kind: 'write', node, operations, rollback: false, flow: true });
	await world.scheduler.runUntil(world.scheduler.now() + 10 * MINUTE);
	const batches = world.network.sent().slice(before);
	return batches.flatMap(({ from, to, body }) => (body === null ? [] : [`${from}>${to}`])).sort();
}

const valueAt = ({ hosts }: World, node: number): unknown =>
	hosts[node]?.store.data.items.get('articles\u0000a')?.title;

describe('traffic in a quiet network', () => {
	it.each([2, 3, 4, 5])('in a mesh of %i sends an edit once to everybody, and nobody forwards it', async (count) => {
		const quiet = await quietWorld('mesh', count);
		const others = (from: number) =>
			Array.from({ length: count }, (_, to) => `${from}>${to}`).filter((link) => link !== `${from}>${from}`);
		expect(await write(quiet, 0, {})).toEqual(others(0));
		expect(await write(quiet, 0, {})).toEqual(others(0));
		expect(await write(quiet, 1, {})).toEqual(others(1));
		expect(await write(quiet, 0, { changed: ['price'] })).toEqual(others(0));
		expect(await write(quiet, 1, { kind: 'delete' })).toEqual(others(1));
		expect(await write(quiet, 0, {})).toEqual(others(0));
		expect(valueAt(quiet.world, count - 1)).toBe(`write ${writes}`);
	});

	it('in a chain passes an edit on from node to node, and never back', async () => {
		const quiet = await quietWorld('chain', 4);
		expect(await write(quiet, 0, {})).toEqual(['0>1', '1>2', '2>3']);
		expect(await write(quiet, 2, {})).toEqual(['1>0', '2>1', '2>3']);
		expect(await write(quiet, 3, { kind: 'delete' })).toEqual(['1>0', '2>1', '3>2']);
		expect(await write(quiet, 1, {})).toEqual(['1>0', '1>2', '2>3']);
		expect(valueAt(quiet.world, 3)).toBe(`write ${writes}`);
	});

	it('through a hub passes an edit on to all others, and never back', async () => {
		const quiet = await quietWorld('star', 4);
		expect(await write(quiet, 0, {})).toEqual(['0>1', '0>2', '0>3']);
		expect(await write(quiet, 2, {})).toEqual(['0>1', '0>3', '2>0']);
		expect(await write(quiet, 3, {})).toEqual(['0>1', '0>2', '3>0']);
	});

	it('in a ring meets on the other side, where at most one link carries it twice', async () => {
		const quiet = await quietWorld('ring', 5);
		for (const node of [0, 3, 1]) {
			const links = await write(quiet, node, {});
			expect(links.length).toBeGreaterThanOrEqual(4);
			expect(links.length).toBeLessThanOrEqual(6);
		}
		expect([0, 1, 2, 3, 4].map((node) => valueAt(quiet.world, node))).toEqual(Array(5).fill(`write ${writes}`));
	});

	it('sends nothing for a write that changed nothing', async () => {
		const quiet = await quietWorld('mesh', 3);
		await write(quiet, 0, {});
		const again = { write: writes };
		expect(await write(quiet, 0, again)).toEqual([]);
		expect(await write(quiet, 1, again)).toEqual([]);
	});

	it('is none at all while nothing changes: nobody even asks', async () => {
		const quiet = await quietWorld('mesh', 3);
		await write(quiet, 0, {});
		const before = quiet.world.network.sent().length;
		await quiet.world.scheduler.runUntil(quiet.world.scheduler.now() + 24 * 60 * MINUTE);
		expect(quiet.world.network.sent().length).toBe(before);
	});
});
