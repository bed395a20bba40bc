/**
 * The engine: settles, then pushes, each at most once at a time in this process; calls that come meanwhile share the
 * next run. All it does may be done twice, or in several processes at once, without harm.
 */

import type { Checkpoint } from '../link/port.ts';
import { type Attempt, type PushOptions, type PushSourceDeps, pushSource } from '../push/push-source.ts';
import type { NodeId } from '../replication/timestamp.ts';
import type { Source } from '../sources/port.ts';
import { coalesce } from './coalesce.ts';
import { createContacts } from './contacts.ts';
import { createSettler } from './settler.ts';
import { type SourceReport, toSourceReport } from './source-report.ts';
import { behindTarget, waitingFor } from './waiting-sources.ts';
import { watchTouches } from './watch-touches.ts';

/** How often a run starts over because its items changed while it went on; the next run takes the rest. */
const ROUNDS = 10;
/** How often memories are compared with a remote that nothing is sent to, and how long ago is just now. Milliseconds. */
const GREETING = 60 * 60_000;
const RECENT = 60_000;
/** How often it is looked whether a node that contacts us is waited for. Milliseconds. */
const LOOK = 1_000;

export type Engine = {
	/** Settles, and asks for everything to be delivered to the given sources (null: all published). */
	push(sources?: string[] | null, options?: { force?: boolean }): Promise<SourceReport[]>;
	/** How the sources are doing, without doing anything. */
	report(sources?: string[] | null): Promise<SourceReport[]>;
	/** Does what is due by itself: new changes if `automatic`, else only what has been asked for before. */
	wake(options?: { force?: boolean }): Promise<void>;
	/**
	 * A node has contacted us, and is who it says it is: if a source has been waiting for it to answer, that is tried before its
	 * time. If it has come to compare memories, ours of it are compared as well, unless that was done just now. Whether
	 * there is something to be done soon.
	 */
	heardFrom(node: NodeId, options?: { compares?: boolean }): Promise<boolean>;
	/** Forgets what was asked for and is not delivered yet, until the next push. */
	pause(): Promise<void>;
	/** When the next attempt of a paused source is due, in milliseconds; null when none is that `wake` would make. */
	nextDue(): Promise<number | null>;
	/** The collections that could not be settled last time, each with what was in the way. */
	unsettleable(): ReadonlyMap<string, string>;
};

export type EngineOptions = {
	/** Whether new changes are to be pushed without being asked: the push Flow is active. */
	isAutomatic: () => Promise<boolean>;
};

export function createEngine(ports: PushSourceDeps, { isAutomatic }: EngineOptions): Engine {
	const settler = createSettler(ports);
	const listOnce = coalesce(() => ports.sources.list());
	const pushes = new Map<string, () => Promise<SourceReport>>();
	const met = new Map<string, number>();
	const contacts = createContacts();
	const looked = new Map<NodeId, number>();
	const asked = new Set<string>();
	const forced = new Set<string>();

	const request = async (source: string): Promise<void> => ports.checkpoints.request([source], await ports.feed.head());

	const isGreetingDue = (source: string): boolean => ports.clock.now() - (met.get(source) ?? 0) >= GREETING;

	/** When a source is tried before its time. */
	const nextTry = ({ source, node, unansweredSince }: Checkpoint): number | null =>
		unansweredSince === null ? null : contacts.nextTry(source, node);

	const isDueEarly = (checkpoint: Checkpoint): boolean =>
		(nextTry(checkpoint) ?? Number.POSITIVE_INFINITY) <= ports.clock.now();

	const attempt = async (watched: PushSourceDeps, source: Source, options: PushOptions): Promise<Attempt> => {
		const began = ports.clock.now();
		let early = false;
		const result = await pushSource(watched, source, {
			...options,
			isDueEarly: (checkpoint) => {
				early = isDueEarly(checkpoint);
				return early;
			},
		});
		if (result.status === 'done') {
			contacts.reached(source.id, began);
			met.set(source.id, ports.clock.now());
		}
		if (result.status === 'failing') contacts.failed(source.id, began, early);
		return result;
	};

	/**
	 * Pushes until the source has all that was asked for before this run began: what is asked for later belongs to the next
	 * one, and to its report. Pushing may touch items, which then are another round.
	 */
	const pushUntilSettled = async (id: string): Promise<SourceReport> => {
		let wanted = asked.delete(id);
		const force = forced.delete(id);
		const attempts: Attempt[] = [];
		let source = await find(ports, id);

		for (let round = 0; source?.published && round < ROUNDS; round += 1) {
			if (wanted) await request(id);
			const watched = watchTouches(ports);
			const options = { force: force && round === 0, greets: isGreetingDue(id) };
			attempts.push(await attempt(watched.ports, source, options));
			if (!watched.touched()) break;
			await settler.settle();
			wanted = true;
			source = await find(ports, id);
		}

		return toSourceReport(ports, id, source, attempts);
	};

	/** A slow source keeps nobody else waiting: each has runs of its own. */
	const pushOnce = (id: string, { ask, force }: { ask: boolean; force: boolean }): Promise<SourceReport> => {
		if (ask) asked.add(id);
		if (force) forced.add(id);
		const run = pushes.get(id) ?? coalesce(() => pushUntilSettled(id));
		pushes.set(id, run);
		return run();
	};

	const choose = async (ids: string[] | null): Promise<Source[]> =>
		(await listOnce()).filter((source) => (ids === null ? source.published : ids.includes(source.id)));

	return {
		push: async (ids = null, { force = false } = {}) => {
			await settler.settle();
			const chosen = await choose(ids);
			return Promise.all(chosen.map((source) => pushOnce(source.id, { ask: true, force })));
		},
		report: async (ids = null) =>
			Promise.all((await choose(ids)).map((source) => toSourceReport(ports, source.id, source, []))),
		wake: async ({ force = false } = {}) => {
			await settler.settle();
			const published = await choose(null);
			const automatic = await isAutomatic();
			const waiting = automatic
				? await waitingFor(ports, published, (source) => force || isGreetingDue(source.id))
				: await behindTarget(ports, published);
			await Promise.all(waiting.map((source) => pushOnce(source.id, { ask: automatic, force })));
		},
		heardFrom: async (node, { compares = false } = {}) => {
			const now = ports.clock.now();
			contacts.heard(node, now);
			if (!compares && now - (looked.get(node) ?? 0) < LOOK) return false;
			looked.set(node, now);
			let isWaitedFor = false;

			for (const source of await ports.sources.list()) {
				const checkpoint = await ports.checkpoints.read(source.id);
				if (checkpoint.node !== node) continue;
				if (compares && now - (met.get(source.id) ?? 0) >= RECENT) met.delete(source.id);
				isWaitedFor ||= source.published && nextTry(checkpoint) !== null;
			}

			return compares || isWaitedFor;
		},
		pause: async () => {
			for (const source of await ports.sources.list()) await ports.checkpoints.cancel(source.id);
		},
		nextDue: async () => {
			const times: number[] = [];
			const automatic = await isAutomatic();
			for (const source of await ports.sources.list()) {
				const checkpoint = await ports.checkpoints.read(source.id);
				const { nextAttemptAt, seq, target } = checkpoint;
				const isTried = source.published && (automatic || seq < target);
				if (!isTried || nextAttemptAt === null) continue;
				times.push(Math.min(nextAttemptAt, nextTry(checkpoint) ?? nextAttemptAt));
			}
			return times.length > 0 ? Math.min(...times) : null;
		},
		unsettleable: settler.unsettleable,
	};
}

const find = async (ports: PushSourceDeps, id: string): Promise<Source | null> =>
	(await ports.sources.list()).find((source) => source.id === id) ?? null;
