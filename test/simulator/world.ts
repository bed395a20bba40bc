/** The simulated world: nodes with databases that survive, processes that do not, and the network between them. */

import { itemId } from '../../src/replication/change.ts';
import type { NodeId } from '../../src/replication/timestamp.ts';
import { filterPaths } from '../../src/sources/filter.ts';
import { type ListingEntry, parseListing } from '../../src/sources/listing.ts';
import type { Source } from '../../src/sources/port.ts';
import type { Ports } from '../support/memory/ports.ts';
import { MODEL, PARENT, SHAPES, shapesOf, valueFor } from './content.ts';
import { createHistory, type History } from './history.ts';
import { createDatabase } from './memory/database.ts';
import { DeadlockError } from './memory/locks.ts';
import { createStore, type Store } from './memory/session.ts';
import { mysql, plain, postgres, sqlite } from './memory/vendor.ts';
import { createNetwork, type Network } from './network.ts';
import type { LinkName, LinkPlan, NodePlan, Plan, Schema } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';

/** What is left of a node when all its processes are dead. */
export type Host = {
	number: number;
	plan: NodePlan;
	store: Store;
	/** Milliseconds; what its wall clock shows. */
	wall: () => number;
	skew: number;
	random: Random;
	/** Database calls until a process of this node dies; null when none is to. */
	fuse: { calls: number; downtime: number } | null;
};

export type World = {
	plan: Plan;
	scheduler: Scheduler;
	network: Network;
	history: History;
	hosts: Host[];
	/** How likely a database call fails. */
	databaseFaults: number;
	/** How often a worker looks for what is due, in milliseconds. */
	interval: number;
	/** How many processes have been started. */
	starts: number;
	sabotage: (ports: Ports) => Ports;
	/** Hears what happens, for those who look for the cause of a failure. */
	trace: (line: string) => void;
	/** What must never happen, but did. */
	violations: string[];
};

export type WorldOptions = {
	/** Hears what happens. */
	trace?: (line: string) => void;
	/** Breaks what every process is built on, to see whether that is noticed. */
	sabotage?: (ports: Ports) => Ports;
};

/** A fault that the plan asked for. */
export class InjectedError extends Error {
	override name = 'InjectedError';
}

export const EPOCH = 1_767_225_600_000;
const VENDORS = { plain, sqlite, postgres, mysql };

export const nodeIdOf = (number: number): NodeId => (number + 1).toString(16).padStart(12, '0') as NodeId;
export const urlOf = (number: number): string => `https://node-${number}.example`;

export function createWorld(plan: Plan, { trace, sabotage = (ports) => ports }: WorldOptions = {}): World {
	const scheduler = createScheduler();
	const hosts = plan.nodes.map((_, number) => createHost(plan, number, scheduler));
	return {
		plan,
		scheduler,
		hosts,
		network: createNetwork(scheduler, plan.seed, plan.faults),
		history: createHistory(),
		databaseFaults: plan.faults.database,
		interval: 15_000,
		starts: 0,
		sabotage,
		trace: (line) => trace?.(`${scheduler.now()} ${line}`),
		violations: [],
	};
}

function createHost(plan: Plan, number: number, scheduler: Scheduler): Host {
	const node = plan.nodes[number];
	if (!node) throw new Error(`there is no node ${number}`);
	const data = createDatabase({
		node: nodeIdOf(number),
		vendor: VENDORS[node.vendor],
		shapes: shapesOf(plan, number),
		sources: plan.links
			.filter(({ from }) => from === number)
			.map((link) => createSource(link, firstSchema(plan, link))),
		foreignKeys: plan.foreignKeys ? [{ ...PARENT, ...(plan.onDelete && { onDelete: plan.onDelete }) }] : [],
	});

	for (const { item, writes } of plan.old) {
		const fields = [...(SHAPES.get('articles')?.fields ?? [])];
		const values = fields.map(([field, { type }]) => [
			field,
			data.vendor.store(type, valueFor(type, writes[number] ?? 0)),
		]);
		data.items.set(itemId('articles', item), Object.fromEntries(values));
	}

	const host: Host = {
		number,
		plan: node,
		store: createStore(data),
		skew: node.skew,
		wall: () => EPOCH + scheduler.now() + host.skew,
		random: createRandom(`${plan.seed} node ${number}`),
		fuse: null,
	};
	return host;
}

function firstSchema({ events }: Plan, { from, to, schema, earlier }: LinkPlan): Schema {
	const isChanged = events.some((event) => event.kind === 'relist' && event.from === from && event.to === to);
	return isChanged && earlier ? earlier : schema;
}

/** Changes a source as an admin does. */
export function changeSource(world: World, link: LinkName, change: (source: Source) => Source | null): void {
	const data = world.hosts[link.from]?.store.data;
	if (!data) return;
	data.sources = data.sources.flatMap((source) => (source.id === sourceId(link) ? (change(source) ?? []) : source));
}

export const sourceId = ({ to, name }: LinkName): string => (name === undefined ? `to ${to}` : `to ${to} ${name}`);

export function createSource(link: LinkName, schema: Schema): Source {
	const parsed = parseListing(schema);
	if (!parsed.ok) throw new Error(parsed.error);
	const entries = [...parsed.listing].map(([collection, entry]): [string, ListingEntry] => [
		collection,
		{ ...entry, looksAt: entry.filter ? filterPaths(MODEL, collection, entry.filter) : [] },
	]);
	return {
		id: sourceId(link),
		name: sourceId(link),
		published: true,
		url: urlOf(link.to),
		apiKey: 'key',
		listing: new Map(entries),
		configurationError: null,
		usersNotification: [],
	};
}

/** Notes an error, unless the plan explains it. */
export function notice(world: World, error: unknown): void {
	if (error instanceof InjectedError || error instanceof DeadlockError) return;
	world.violations.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}
