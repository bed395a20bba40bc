/** Plays a plan: people write while everything breaks; then all is mended and everybody is left in peace. */
import { findDifferences } from './equal.ts';
import { findLostWrites } from './lost.ts';
import type { Plan } from './plan.ts';
import { type Process, startProcess } from './process.ts';
import { createWorld, type Host, type World } from './world.ts';

export type Outcome = {
	/** What went wrong; empty when nothing did. */
	problems: string[];
	/** Virtual milliseconds from the quiet until all was delivered. */
	settledAfter: number;
	events: number;
	commits: number;
	batches: number;
};

const MINUTE = 60_000;
/** Until then everything must have been delivered. */
const LONGEST = 4 * 60 * MINUTE;
/** Long enough for everything that happens by itself to happen: nobody is paused, and no delivery waits. */
const SILENCE = 2 * MINUTE;
/** How often is looked whether all is delivered. */
const LOOK = 10_000;

/** @param trace hears what happens */
export async function simulate(plan: Plan, trace?: (line: string) => void): Promise<Outcome> {
	const world = createWorld(plan, trace);
	const { scheduler, network, history } = world;
	const processes = new Map<Host, Set<Process>>(world.hosts.map((host) => [host, new Set()]));

	for (const host of world.hosts) {
		const running = processes.get(host) ?? new Set<Process>();
		for (let count = 0; count < host.plan.processes; count += 1) start(world, host, running);
		network.listen(host.number, (body) => one(host, running)?.receive(body) ?? null);
	}
	schedule(world, (number) => {
		const host = world.hosts[number];
		return (host && one(host, processes.get(host) ?? new Set())) ?? null;
	});

	await scheduler.runUntil(plan.quietFrom);
	mend(world);
	const settledAfter = await settleDown(world);
	const problems = [...world.violations];

	if (settledAfter === null) problems.push(`does not come to rest: ${restlessness(world).join('; ')}`);
	else {
		const before = network.traffic();
		await scheduler.runUntil(scheduler.now() + SILENCE);
		const after = network.traffic();
		if (after.batches !== before.batches) problems.push(`sent ${after.batches - before.batches} batches about nothing`);
		if (after.infos !== before.infos) problems.push(`asked ${after.infos - before.infos} times for nothing`);
	}

	problems.push(...findDifferences(world), ...findLostWrites(world));
	return {
		problems,
		settledAfter: settledAfter ?? LONGEST,
		events: scheduler.events(),
		commits: history.commits(),
		batches: network.traffic().batches,
	};
}

/** Runs a process of the node; when it dies another one follows. */
function start(world: World, host: Host, running: Set<Process>): void {
	const process = startProcess(world, host, (downtime) => {
		running.delete(process);
		world.scheduler.after(downtime, world, () => start(world, host, running));
	});
	running.add(process);
}

/** Any of the node's processes, as a load balancer chooses. */
function one({ random }: Host, running: Set<Process>): Process | null {
	return running.size === 0 ? null : random.pick([...running]);
}

function schedule(world: World, processOf: (node: number) => Process | null): void {
	for (const event of world.plan.events) {
		world.scheduler.after(event.at, world, () => {
			if (event.kind === 'write') processOf(event.node)?.write(event);
			else if (event.kind === 'cut') world.network.cut(event.from, event.to, event.duration);
			else {
				const host = world.hosts[event.node];
				if (!host) return;
				if (event.kind === 'jump') host.skew = event.skew;
				else host.fuse = { calls: event.calls, downtime: event.downtime };
			}
		});
	}
}

function mend(world: World): void {
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
async function settleDown(world: World): Promise<number | null> {
	const { scheduler, plan } = world;
	let restfulLooks = 0;

	while (scheduler.now() < plan.quietFrom + LONGEST) {
		await scheduler.runUntil(scheduler.now() + LOOK);
		restfulLooks = restlessness(world).length === 0 ? restfulLooks + 1 : 0;
		// What is on its way at the first look has arrived at the second.
		if (restfulLooks === 2) return scheduler.now() - plan.quietFrom;
	}

	return null;
}

/** What is still to be done, in words. */
function restlessness({ hosts }: World): string[] {
	return hosts.flatMap(({ number, store: { data } }) => {
		const left: string[] = [];
		if (data.markers.size > 0) left.push(`node ${number} has ${data.markers.size} markers`);
		const unsettled = [...data.feed.values()].filter((row) => row.seq === null || row.touched !== null);
		if (unsettled.length > 0) left.push(`node ${number} has ${unsettled.length} unsettled rows`);
		for (const { id } of data.sources) {
			const checkpoint = data.checkpoints.get(id);
			if ((checkpoint?.seq ?? 0) < data.lastSeq || (checkpoint?.attempts ?? 0) > 0) {
				left.push(`node ${number} is behind ${id}: ${checkpoint?.error ?? 'no error'}`);
			}
		}
		for (const { source, item, code } of data.deliveries.values()) {
			left.push(`node ${number} holds a delivery ${source} of ${item}: ${code}`);
		}
		return left;
	});
}
