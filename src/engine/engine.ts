/**
 * The engine: settles, then pushes, each at most once at a time in this process; calls that come meanwhile share the
 * next run. All it does may be done twice, or in several processes at once, without harm.
 */

import type { PushSourceDeps } from '../push/push-source.ts';
import type { NodeId } from '../replication/timestamp.ts';
import type { Source } from '../sources/port.ts';
import { coalesce } from './coalesce.ts';
import { createContacts } from './contacts.ts';
import { watchGivenUp } from './given-up.ts';
import { createSettler } from './settler.ts';
import { createSourcePushes } from './source-pushes.ts';
import { type SourceReport, toSourceReport } from './source-report.ts';
import { behindTarget, waitingFor } from './waiting-sources.ts';

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
	const seeToGivenUp = coalesce(watchGivenUp(ports));
	const listOnce = coalesce(() => ports.sources.list());
	const contacts = createContacts();
	const pushes = createSourcePushes(ports, { contacts, settle: settler.settle });

	const choose = async (ids: string[] | null): Promise<Source[]> =>
		(await listOnce()).filter((source) => (ids === null ? source.published : ids.includes(source.id)));

	return {
		push: async (ids = null, { force = false } = {}) => {
			await seeToGivenUp();
			await settler.settle();
			const chosen = await choose(ids);
			return Promise.all(chosen.map(({ id }) => pushes.push(id, { toHead: true, force })));
		},
		report: async (ids = null) =>
			Promise.all((await choose(ids)).map((source) => toSourceReport(ports, source.id, source, []))),
		wake: async ({ force = false } = {}) => {
			await seeToGivenUp();
			await settler.settle();
			const published = await choose(null);
			const automatic = await isAutomatic();
			const waiting = automatic
				? await waitingFor(ports, published, ({ id }) => force || pushes.isGreetingDue(id))
				: await behindTarget(ports, published);
			await Promise.all(waiting.map(({ id }) => pushes.push(id, { toHead: automatic, force })));
		},
		heardFrom: async (node, { compares = false } = {}) => {
			const now = ports.clock.now();
			if (!contacts.heard(node, now, compares)) return false;
			let isWaitedFor = false;

			for (const source of await ports.sources.list()) {
				const checkpoint = await ports.checkpoints.read(source.id);
				if (checkpoint.link.node !== node) continue;
				if (compares) pushes.visited(source.id, now);
				isWaitedFor ||= source.published && pushes.nextEarlyTry(checkpoint) !== null;
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
				const { nextAttemptAt } = checkpoint.health;
				const isBehind = checkpoint.progress.seq < checkpoint.progress.target;
				const isTried = source.published && (automatic || isBehind);
				if (!isTried || nextAttemptAt === null) continue;
				times.push(Math.min(nextAttemptAt, pushes.nextEarlyTry(checkpoint) ?? nextAttemptAt));
			}
			return times.length > 0 ? Math.min(...times) : null;
		},
		unsettleable: settler.unsettleable,
	};
}
