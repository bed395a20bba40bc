/** One Directus process of a node, built from what the node's database holds, as at every start. */
import { apply } from '../../src/apply/apply.ts';
import { ClockAheadError, OutOfStepError } from '../../src/apply/errors.ts';
import { createCleaner } from '../../src/engine/clean.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { hear } from '../../src/engine/hear.ts';
import { type Chores, startWorker } from '../../src/engine/worker.ts';
import { maxTimestamp, type Timestamp } from '../../src/replication/timestamp.ts';
import type { Remote, RemoteInfo, TransportPort } from '../../src/wire/port.ts';
import { RemoteError } from '../../src/wire/remote-error.ts';
import type { ChangeResult } from '../../src/wire/result.ts';
import type { Ports } from '../support/memory/ports.ts';
import { createCapture } from './capture.ts';
import { write } from './editor.ts';
import { createVirtualClock } from './memory/clock.ts';
import type { Database } from './memory/database.ts';
import { createMemoryPorts } from './memory/ports.ts';
import { createSession } from './memory/session.ts';
import { encodeBatch, infoOf, readBatch } from './memory/wire.ts';
import type { Event } from './plan.ts';
import { createVirtualTimers } from './virtual-timers.ts';
import { type Host, InjectedError, notice, urlOf, type World } from './world.ts';

export type Process = {
	/** Answers a request of another node (null: for the info). */
	receive(body: string | null): Promise<unknown>;
	write(event: Extract<Event, { kind: 'write' }>): void;
	kill(): void;
};

/** What a simulated node has nothing to do for. */
const NO_CHORES: Chores = {
	retry: async () => {},
	recover: async () => 0,
	sweep: async () => {},
	tell: async () => false,
	sendAgain: async () => {},
	clean: async () => false,
};

/** @param onDeath called when the process dies at a database call */
export function startProcess(world: World, host: Host, onDeath: (downtime: number) => void): Process {
	const { scheduler, history } = world;
	const { store, random } = host;
	world.starts += 1;
	const owner = {};
	let writes = 0;

	const kill = (): void => {
		scheduler.kill(owner);
		store.locks.forget(session.process);
	};

	/** Any call may take its time, and any may be the last. */
	const step = async (): Promise<void> => {
		const { fuse } = host;
		if (fuse && fuse.calls-- <= 0) {
			host.fuse = null;
			world.trace(`${name} dies`);
			kill();
			onDeath(fuse.downtime);
			return new Promise(() => {});
		}
		if (random.chance(0.5)) await scheduler.sleep(random.chance(0.04) ? random.below(300) : random.below(6), owner);
		await mayFail();
	};

	const mayFail = async (): Promise<void> => {
		if (random.chance(world.databaseFaults / 2)) throw new InjectedError('the database is gone');
	};

	const name = `node ${host.number} process ${world.starts}`;
	const session = createSession(store, name, step, mayFail);
	const clock = createVirtualClock({
		node: store.data.node,
		process: random.below(0x10000).toString(16).padStart(4, '0'),
		last: latestStamp(store.data),
		wall: host.wall,
		random: random.next,
	});
	const transport = createSimulatedTransport(world, host, owner);
	const ports = world.sabotage(watchErrors(world, createMemoryPorts({ session, clock, transport })));
	const engine = createEngine(ports, { isAutomatic: async () => true });
	const capture = createCapture(session, ports);
	const onError = (error: unknown) => notice(world, error);
	const { retention } = world.plan;
	/** Tells the world of what the worker only puts in its log. */
	const watched =
		<Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
		async (...args: Args): Promise<T> => {
			try {
				return await call(...args);
			} catch (error) {
				onError(error);
				throw error;
			}
		};
	const worker = startWorker(
		{ timers: createVirtualTimers(scheduler, owner), clock },
		{ ...engine, wake: watched(engine.wake), nextDue: watched(engine.nextDue) },
		{
			...NO_CHORES,
			recover: watched(capture.recover),
			...(retention !== undefined && { clean: watched(createCleaner(ports, retention).clean) }),
		},
		{ info: world.trace, warn: world.trace },
		{ interval: () => world.interval },
	);

	return {
		kill,
		receive: async (body) => {
			if (body === null) return infoOf(ports, { maxChanges: host.plan.maxChanges });
			const batch = readBatch(body);
			const results = await apply(ports, batch);
			world.trace(`${name} answers ${JSON.stringify(results.map(({ outcome }) => outcome))} to ${body}`);
			if (await hear(engine, batch, results)) worker.forwardSoon();
			return results;
		},
		write: ({ operations, rollback, flow }) => {
			writes += 1;
			const context = { node: host.number, session, ports, capture, history };
			write(context, `${name} write ${writes}`, operations, rollback)
				.then((committed) => {
					world.trace(`${name} ${committed ? 'wrote' : 'rolled back'} ${JSON.stringify(operations)}`);
					if (!committed) return;
					worker.wakeSoon();
					return flow ? engine.push() : undefined;
				})
				.catch(onError);
		},
	};
}

/** A restart must not give out a stamp twice: touches may be later than the clock that was persisted. */
function latestStamp({ clock, feed }: Database): Timestamp | null {
	let latest = clock;
	for (const { touched } of feed.values()) latest = maxTimestamp<Timestamp | null>(latest, touched);
	return latest;
}

function createSimulatedTransport(world: World, host: Host, owner: object): TransportPort {
	const ask = async ({ url }: Remote, body: string | null): Promise<unknown> => {
		const to = world.hosts.findIndex((each) => urlOf(each.number) === url);
		try {
			return await world.network.request(owner, host.number, to, body);
		} catch (error) {
			if (error instanceof RemoteError) throw error;
			if (error instanceof OutOfStepError) throw new RemoteError('out_of_step', error.message);
			if (error instanceof ClockAheadError) throw new RemoteError('misconfigured', error.message);
			notice(world, error);
			throw new RemoteError('internal', 'The remote failed (HTTP 500).');
		}
	};

	return {
		info: async (source) => (await ask(source, null)) as RemoteInfo,
		send: async (source, batch) => (await ask(source, encodeBatch(batch))) as ChangeResult[],
	};
}

/** Faults of ours only pause a source, so they are looked for where they show. */
function watchErrors(world: World, ports: Ports): Ports {
	const { report } = ports.sources;
	ports.sources.report = async (id, shown) => {
		if (shown.error?.startsWith('Data Sync failed:') && !shown.error.includes('the database is gone')) {
			world.violations.push(shown.error);
		}
		await report(id, shown);
	};
	return ports;
}
