/** Plays a plan: people write while everything breaks; then all is mended and everybody is left in peace. */

import { isFinished } from '../../src/link/fingerprint.ts';
import type { WireBatch } from '../../src/wire/batch.ts';
import { COUNTED } from './content.ts';
import { endKeyConflicts } from './end-key-conflicts.ts';
import { findDifferences } from './equal.ts';
import { forgetLost } from './forget-lost.ts';
import { findLostWrites } from './lost.ts';
import { findLies } from './lying.ts';
import { copyDatabase } from './memory/database.ts';
import { createStore } from './memory/session.ts';
import { type Nodes, startNodes } from './nodes.ts';
import type { Event, LinkName, Plan, Schema } from './plan.ts';
import { tells } from './reach.ts';
import { findUntold } from './untold.ts';
import { changeSource, createSource, createWorld, sourceId, type World, type WorldOptions } from './world.ts';

export type Outcome = {
	/** What went wrong; empty when nothing did. */
	problems: string[];
	/** Virtual milliseconds from the quiet until all was delivered. */
	settledAfter: number;
	events: number;
	commits: number;
	batches: number;
	/** Items that were deleted because another one had their key. */
	keyConflicts: number;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Until then everything must have been delivered. */
const LONGEST = 4 * 60 * MINUTE;
/** Long enough for everything that happens by itself to happen: nobody is paused, and no delivery waits. */
const SILENCE = 2 * MINUTE;
/** Until then all nodes have compared their memories with each other, at least once. */
const COMPARED = 130 * MINUTE;
/** How often is looked whether all is delivered. */
const LOOK = 10_000;

export async function simulate(plan: Plan, options?: WorldOptions): Promise<Outcome> {
	const world = createWorld(plan, options);
	const { scheduler, network, history } = world;
	const nodes = startNodes(world);
	schedule(world, nodes);

	await scheduler.runUntil(plan.quietFrom);
	mend(world);
	const keyConflicts = plan.links.some(tells(COUNTED)) ? await endKeyConflicts(world, nodes) : 0;
	const settledAfter = (await settleDown(world)) && (await settleRestored(world)) && (await playLater(world, nodes));
	const problems = [...world.violations];

	if (settledAfter === null) problems.push(`does not come to rest: ${restlessness(world).join('; ')}`);
	else {
		const before = network.sent().length;
		await scheduler.runUntil(scheduler.now() + SILENCE);
		const sent = network.sent().slice(before);
		const changes = sent.flatMap(({ body }) => (body === null ? [] : (JSON.parse(body) as WireBatch).changes));
		// What a remote can't take for its model is offered now and then.
		const lacking = world.hosts.reduce((sum, { store }) => sum + store.data.deliveries.size, 0);
		if (changes.length > lacking) problems.push(`${changes.length} changes sent about nothing`);
		// Every process may greet every remote once, and be greeted back: with a question who it is, and a comparison.
		const processes = plan.nodes.reduce((sum, node) => sum + node.processes, 0);
		if (sent.length > 8 * plan.links.length * processes) problems.push(`${sent.length} requests about nothing`);
	}

	problems.push(...(plan.features ? findUntold(world) : findDifferences(world)), ...findLostWrites(world));
	problems.push(...(await findLies(world)));
	return {
		problems,
		settledAfter: settledAfter ?? LONGEST,
		events: scheduler.events(),
		commits: history.commits(),
		batches: network.sent().length,
		keyConflicts,
	};
}

function schedule(world: World, nodes: Nodes): void {
	for (const event of world.plan.events) {
		if (event.kind === 'restore') planRestore(world, nodes, event);
		else world.scheduler.after(event.at, world, () => happen(world, nodes, event));
	}
}

function happen(world: World, { processOf, restart }: Nodes, event: Exclude<Event, { kind: 'restore' }>): void {
	if (event.kind === 'write') processOf(event.node)?.write(event);
	else if (event.kind === 'cut') world.network.cut(event.from, event.to, event.duration);
	else if (event.kind === 'pause') pause(world, event);
	else if (event.kind === 'relist') relist(world, event);
	else if (event.kind === 'list') list(world, event, event.schema);
	else if (event.kind === 'restart') restart(event.node, () => {});
	else if (event.kind === 'die') world.network.kill(event.from, event.to);
	else if (event.kind === 'remove') changeSource(world, event, () => null);
	else if (event.kind === 'unpublish') changeSource(world, event, (source) => ({ ...source, published: false }));
	else {
		const host = world.hosts[event.node];
		if (!host) return;
		if (event.kind === 'jump') host.skew = event.skew;
		else host.fuse = { calls: event.calls, downtime: event.downtime };
	}
}

function planRestore(world: World, nodes: Nodes, { at, node, age }: Extract<Event, { kind: 'restore' }>): void {
	const host = world.hosts[node];
	if (!host) return;
	let backup = copyDatabase(host.store.data);
	world.scheduler.after(Math.max(0, at - age), world, () => {
		backup = copyDatabase(host.store.data);
	});
	world.scheduler.after(at, world, () => {
		world.trace(`node ${node} is put back`);
		// Whoever restores a database sees to its sources: one that was switched off then would stay so.
		const { sources } = host.store.data;
		nodes.restart(node, () => {
			host.store = createStore({ ...copyDatabase(backup), sources });
		});
		forgetLost(world, node);
	});
}

function pause(world: World, { from, to, duration }: Extract<Event, { kind: 'pause' }>): void {
	const publish = (published: boolean) => changeSource(world, { from, to }, (source) => ({ ...source, published }));
	publish(false);
	world.scheduler.after(duration, world, () => publish(true));
}

function relist(world: World, { from, to }: Extract<Event, { kind: 'relist' }>): void {
	const link = world.plan.links.find((each) => each.from === from && each.to === to);
	if (link) list(world, link, link.schema);
}

function list(world: World, link: LinkName, schema: Schema): void {
	changeSource(world, link, ({ published }) => ({ ...createSource(link, schema), published }));
}

export function mend(world: World): void {
	world.network.heal();
	world.databaseFaults = 0;
	// Waiting for what is due is the dull part.
	world.interval = MINUTE;
	for (const host of world.hosts) {
		host.fuse = null;
		host.skew = 0;
	}
}

/** Waits until nothing is left to do; how long that took, or null if it never happens. */
export async function settleDown(world: World): Promise<number | null> {
	const { scheduler } = world;
	const start = scheduler.now();
	let restfulLooks = 0;

	while (scheduler.now() < start + LONGEST) {
		await scheduler.runUntil(scheduler.now() + LOOK);
		restfulLooks = restlessness(world).length === 0 ? restfulLooks + 1 : 0;
		// What is on its way at the first look has arrived at the second.
		if (restfulLooks === 2) return scheduler.now() - start;
	}

	return null;
}

/** That a database was put back may go unnoticed until nodes compare their memories, though nothing is to be sent. */
async function settleRestored(world: World): Promise<number | null> {
	const { scheduler, plan } = world;
	const start = scheduler.now();
	if (!plan.events.some(({ kind }) => kind === 'restore')) return start;
	world.interval = 10 * MINUTE;
	await scheduler.runUntil(start + COMPARED);
	world.interval = MINUTE;
	return settleDown(world);
}

/** Days pass, in which everybody cleans; then people go on. How long that took to be delivered, or null. */
async function playLater(world: World, nodes: Nodes): Promise<number | null> {
	const { scheduler, plan } = world;
	const { retention, later = [] } = plan;
	if (retention === undefined) return scheduler.now();
	world.interval = HOUR;
	await scheduler.runUntil(scheduler.now() + 2 * retention + 3 * HOUR);
	world.interval = 15_000;
	const start = scheduler.now();
	for (const event of later) scheduler.after(event.at, world, () => happen(world, nodes, event));
	await scheduler.runUntil(start + Math.max(0, ...later.map(({ at }) => at)) + 1);
	world.interval = MINUTE;
	return settleDown(world);
}

/** What is still to be done, in words. */
function restlessness(world: World): string[] {
	const { hosts, plan } = world;
	const isDead = (from: number, id: string) =>
		plan.events.some(
			(event) => event.kind === 'die' && event.from === from && sourceId(event).split(' ')[1] === id.split(' ')[1],
		);
	/** For good: one that is paused goes on, and is waited for. */
	const isUnpublished = (from: number, id: string) =>
		plan.events.some((event) => event.kind === 'unpublish' && event.from === from && sourceId(event) === id);
	/** What differing models keep back is refused for good. */
	const lacks = plan.nodes.some((node) => node.lacks);
	const isLasting = (code: string) => lacks && (code === 'unknown_field' || code === 'unknown_collection');
	return hosts.flatMap(({ number, store: { data } }) => {
		const left: string[] = [];
		if (data.markers.size > 0) left.push(`node ${number} has ${data.markers.size} markers`);
		const unsettled = [...data.feed.values()].filter((row) => row.seq === null || row.touched !== null);
		if (unsettled.length > 0) left.push(`node ${number} has ${unsettled.length} unsettled rows`);
		const sources = data.sources.filter(({ id }) => !isDead(number, id) && !isUnpublished(number, id));
		for (const source of sources) {
			const { id } = source;
			const checkpoint = data.checkpoints.get(id);
			if (!checkpoint || !isFinished(checkpoint.progress.fingerprint, source))
				left.push(`node ${number} has not told ${id} everything`);
			if ((checkpoint?.progress.seq ?? 0) < data.lastSeq || (checkpoint?.health.attempts ?? 0) > 0) {
				left.push(`node ${number} is behind ${id}: ${checkpoint?.health.error ?? 'no error'}`);
			}
		}
		for (const { id, published } of data.sources) {
			const { progress, health } = data.checkpoints.get(id) ?? {};
			const isBehind = (progress?.seq ?? 0) < data.lastSeq;
			if (published && isDead(number, id) && isBehind && (health?.notifiedAt ?? null) === null) {
				left.push(`node ${number} has not given ${id} up`);
			}
		}
		for (const { source, item, code } of data.deliveries.values()) {
			if (isLasting(code) || !sources.some(({ id }) => id === source)) continue;
			left.push(`node ${number} holds a delivery ${source} of ${item}: ${code}`);
		}
		return left;
	});
}
