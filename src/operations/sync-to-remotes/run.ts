/** What the operation does once its options and its trigger are read. */
import { DELIVERIES, SOURCES } from '../../../schema.ts';
import { resyncCollection, resyncItems, resyncSources } from '../../engine/resync.ts';
import type { SourceReport } from '../../engine/source-report.ts';
import type { Source } from '../../sources/port.ts';
import type { DataSync } from '../../start.ts';
import type { Asker, Named } from './asker.ts';
import type { Options } from './options.ts';
import type { Trigger } from './trigger.ts';
import { joinSending } from './under-way.ts';

/** A Flow waits no longer than this for remotes; what is left goes on in the background. Milliseconds. */
const PATIENCE = 60_000;

export type RunResult = {
	/** Items that were put in the queue by hand. */
	queued: number;
	sources: SourceReport[];
};

/** Rejects with a NotPermittedError where the trigger names what the asker may not have sent. */
export async function run(sync: DataSync, options: Options, trigger: Trigger, asker: Asker): Promise<RunResult> {
	const named = toNamed(options, trigger);
	if (named === null) {
		if (trigger.kind === 'event') await sync.captures.settled(trigger.collection, trigger.items);
		return push(sync, options.sources, asker);
	}

	// What stands in the options was decided by whoever has built the Flow.
	if (options.what === 'trigger') await asker.permit(named);
	return sendAgain(sync, options.sources, named, asker);
}

/** Null: nothing is sent again, only what is new. */
function toNamed(options: Options, trigger: Trigger): Named | null {
	if (options.what === 'all') return { collection: options.collection, items: null };
	if (options.what === 'selected') return { collection: options.collection, items: options.items };
	if (trigger.kind !== 'manual') return null;
	return { collection: trigger.collection, items: trigger.items.length > 0 ? trigger.items : null };
}

async function sendAgain(sync: DataSync, sources: string[] | null, named: Named, asker: Asker): Promise<RunResult> {
	const force = asker.mayForce;
	const id = JSON.stringify([named.collection, named.items?.toSorted() ?? null, sources?.toSorted() ?? null, force]);
	const sending = joinSending(id, () => {
		const queueing = queue(sync, sources, named);
		const pushed = queueing.then(async ({ to }) => pushNow(sync, to, force));
		return { queued: queueing.then(({ count }) => count), to: queueing.then(({ to }) => to), pushed };
	});
	const [queued, to] = await Promise.all([sending.queued, sending.to]);
	return { queued, sources: await asker.show(await patiently(sync, to, sending.pushed)) };
}

/** Puts what is named in the queue; how many items that are, and the sources to push to (null: all published ones). */
async function queue(
	{ ports }: DataSync,
	sources: string[] | null,
	{ collection, items }: Named,
): Promise<{ count: number; to: string[] | null }> {
	if (collection === SOURCES) {
		const chosen = (await ports.sources.list()).filter((source) => isChosen(source, items));
		return { count: await resyncSources(ports, chosen), to: chosen.map((source) => source.id) };
	}

	if (collection === DELIVERIES) {
		const retried = await ports.deliveries.retry(items);
		return { count: retried.count, to: retried.sources };
	}

	const count = items ? await resyncItems(ports, collection, items) : await resyncCollection(ports, collection);
	return { count, to: sources };
}

const isChosen = (source: Source, ids: string[] | null): boolean =>
	source.published && (ids === null || ids.includes(source.id));

async function push(sync: DataSync, sources: string[] | null, asker: Asker): Promise<RunResult> {
	const reports = await patiently(sync, sources, pushNow(sync, sources, false));
	return { queued: 0, sources: await asker.show(reports) };
}

/** @param force also tries sources that are paused after a failure */
async function pushNow(
	{ captures, engine }: DataSync,
	sources: string[] | null,
	force: boolean,
): Promise<SourceReport[]> {
	// An editor may have their answer a moment before their edit is in the feed.
	await captures.idle();
	return engine.push(sources, { force });
}

const patiently = (
	{ engine }: DataSync,
	sources: string[] | null,
	pushing: Promise<SourceReport[]>,
): Promise<SourceReport[]> => Promise.race([pushing, patience().then(() => engine.report(sources))]);

const patience = (): Promise<void> =>
	new Promise((resolve) => {
		setTimeout(resolve, PATIENCE).unref();
	});
