/**
 * The engine: settles, then pushes, each at most once at a time in this process; calls that come meanwhile share the
 * next run. All it does may be done twice, or in several processes at once, without harm.
 */
import { coalesce } from './coalesce.ts';
import type { SenderPorts, Source } from './ports.ts';
import { type Attempt, fingerprintOf, pushSource } from './push-source.ts';
import { settle } from './settle.ts';

/** What became of a push to one source, for the Flow's later operations. */
export type SourceReport = {
	source: string;
	name: string;
	/** done; waiting or failing: kept and tried again; busy: another process is at it; paused: it is not published. */
	status: Attempt['status'] | 'paused';
	/** Changes the remote has now. */
	sent: number;
	/** Changes that lost to a newer write there. */
	superseded: number;
	/** Changes still on their way: undelivered, or waiting at the remote for a parent. */
	pending: number;
	/** Items the remote refuses. */
	failed: number;
	error: string | null;
};

export type Engine = {
	/** Settles, and asks for everything to be delivered to the given sources (null: all published). */
	push(sources?: string[] | null, options?: { force?: boolean }): Promise<SourceReport[]>;
	/** How the sources are doing, without doing anything. */
	report(sources?: string[] | null): Promise<SourceReport[]>;
	/** Does what is due by itself: new changes if `automatic`, else only what has been asked for before. */
	wake(options?: { force?: boolean }): Promise<void>;
	/** Forgets what was asked for and is not delivered yet, until the next push. */
	pause(): Promise<void>;
	/** When the next attempt of a paused source is due, in milliseconds; null when none is. */
	nextDue(): Promise<number | null>;
};

export type EngineOptions = {
	/** Whether new changes are to be pushed without being asked: the push Flow is active. */
	isAutomatic: () => Promise<boolean>;
};

export function createEngine(ports: SenderPorts, { isAutomatic }: EngineOptions): Engine {
	const settleOnce = coalesce(() => settle(ports));
	const pushes = new Map<string, () => Promise<Attempt>>();
	const forced = new Set<string>();

	const pushOnce = (source: Source, force: boolean): Promise<Attempt> => {
		if (force) forced.add(source.id);
		let run = pushes.get(source.id);

		if (!run) {
			run = coalesce(async () => {
				const current = (await ports.sources.list()).find((each) => each.id === source.id && each.published);
				if (!current) return { status: 'busy' as const };
				return pushSource(ports, current, forced.delete(source.id));
			});
			pushes.set(source.id, run);
		}

		return run();
	};

	/** Pushing may find that items have changed again; then there is another round. */
	const pushTo = async (sources: Source[], force: boolean): Promise<Map<string, Attempt>> => {
		const attempts = new Map<string, Attempt>();

		for (let round = 0; round < 10; round += 1) {
			await ports.checkpoints.request(
				sources.map((source) => source.id),
				await ports.feed.head(),
			);
			const run = await Promise.all(
				sources.map(async (source) => ({ source, attempt: await pushOnce(source, force && round === 0) })),
			);
			for (const { source, attempt } of run) attempts.set(source.id, add(attempts.get(source.id), attempt));
			if ((await settleOnce()) === 0) break;
		}

		return attempts;
	};

	const choose = async (ids: string[] | null): Promise<Source[]> =>
		(await ports.sources.list()).filter((source) => (ids === null ? source.published : ids.includes(source.id)));

	return {
		push: async (ids = null, options = {}) => {
			await settleOnce();
			const chosen = await choose(ids);
			const attempts = await pushTo(
				chosen.filter((source) => source.published),
				options.force ?? false,
			);
			return Promise.all(chosen.map((source) => toReport(ports, source, attempts.get(source.id) ?? null)));
		},
		report: async (ids = null) =>
			Promise.all((await choose(ids)).map((source) => toReport(ports, source, { status: 'busy' }))),
		wake: async ({ force = false } = {}) => {
			await settleOnce();
			const published = (await ports.sources.list()).filter((source) => source.published);
			if (await isAutomatic()) {
				await pushTo(await waitingFor(ports, published, force), force);
				return;
			}
			for (const source of published) {
				const { seq, target } = await ports.checkpoints.read(source.id);
				if (seq < target) await pushOnce(source, force);
			}
		},
		pause: async () => {
			for (const source of await ports.sources.list()) await ports.checkpoints.cancel(source.id);
		},
		nextDue: async () => {
			const times: number[] = [];
			for (const source of await ports.sources.list()) {
				const { nextAttemptAt } = await ports.checkpoints.read(source.id);
				if (source.published && nextAttemptAt !== null) times.push(nextAttemptAt);
			}
			return times.length > 0 ? Math.min(...times) : null;
		},
	};
}

/** The sources that have something to be sent: new rows, another configuration, or deliveries that are due. */
async function waitingFor(ports: SenderPorts, sources: Source[], force: boolean): Promise<Source[]> {
	const head = await ports.feed.head();
	const now = ports.clock.now();
	const waiting: Source[] = [];

	for (const source of sources) {
		const checkpoint = await ports.checkpoints.read(source.id);
		const behind = checkpoint.seq < head || checkpoint.fingerprint !== fingerprintOf(source) || checkpoint.attempts > 0;
		const due = async () =>
			(await ports.deliveries.read(source.id)).some(
				({ nextAttemptAt }) => nextAttemptAt !== null && nextAttemptAt <= now,
			);
		if (force || behind || (await due())) waiting.push(source);
	}

	return waiting;
}

function add(before: Attempt | undefined, after: Attempt): Attempt {
	if (before?.status !== 'done' || after.status !== 'done') return after;
	const report = { ...after.report };
	for (const outcome of Object.keys(report) as (keyof typeof report)[]) report[outcome] += before.report[outcome];
	return { status: 'done', report };
}

async function toReport(ports: SenderPorts, source: Source, attempt: Attempt | null): Promise<SourceReport> {
	const { seq, target } = await ports.checkpoints.read(source.id);
	const deliveries = await ports.deliveries.read(source.id);
	const undelivered = await ports.feed.countAfter(seq, target, [...source.listing.keys()]);
	const report = attempt?.status === 'done' ? attempt.report : null;
	return {
		source: source.id,
		name: source.name,
		status: source.published ? (attempt?.status ?? 'busy') : 'paused',
		sent: report ? report.applied + report.unchanged : 0,
		superseded: report?.superseded ?? 0,
		pending: undelivered + deliveries.filter((delivery) => delivery.status === 'pending').length,
		failed: deliveries.filter((delivery) => delivery.status === 'failed').length,
		error: attempt && 'error' in attempt ? attempt.error : null,
	};
}
