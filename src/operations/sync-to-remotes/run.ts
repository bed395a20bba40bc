/** What the operation does once its options and its trigger are read. */
import { DELIVERIES, SOURCES } from '../../../schema.ts';
import { resyncCollection, resyncItems, resyncSources } from '../../engine/resync.ts';
import type { SourceReport } from '../../engine/source-report.ts';
import type { Source } from '../../sources/port.ts';
import type { DataSync } from '../../start.ts';
import type { Options } from './options.ts';
import type { Trigger } from './trigger.ts';

/** A Flow waits no longer than this for remotes; what is left goes on in the background. Milliseconds. */
const PATIENCE = 60_000;

export type RunResult = {
	/** Items that were put in the queue by hand. */
	queued: number;
	sources: SourceReport[];
};

export async function run(sync: DataSync, options: Options, trigger: Trigger): Promise<RunResult> {
	if (options.what === 'all')
		return push(sync, options.sources, await resyncCollection(sync.ports, options.collection));
	if (options.what === 'selected') {
		return push(sync, options.sources, await resyncItems(sync.ports, options.collection, options.items));
	}
	if (trigger.kind === 'event') return runEvent(sync, options, trigger);
	if (trigger.kind === 'manual') return runManual(sync, options, trigger);
	return push(sync, options.sources, null);
}

async function runEvent(
	sync: DataSync,
	options: Options,
	{ collection, items }: Extract<Trigger, { kind: 'event' }>,
): Promise<RunResult> {
	await sync.captures.settled(collection, items);
	return push(sync, options.sources, null);
}

async function runManual(
	sync: DataSync,
	options: Options,
	{ collection, items }: Extract<Trigger, { kind: 'manual' }>,
): Promise<RunResult> {
	if (collection === SOURCES) {
		const chosen = (await sync.ports.sources.list()).filter((source) => isChosen(source, items));
		return push(
			sync,
			chosen.map((source) => source.id),
			await resyncSources(sync.ports, chosen),
		);
	}

	if (collection === DELIVERIES) {
		const retried = await sync.ports.deliveries.retry(items.length > 0 ? items : null);
		return push(sync, retried.sources, retried.count);
	}

	const queued =
		items.length > 0
			? await resyncItems(sync.ports, collection, items)
			: await resyncCollection(sync.ports, collection);
	return push(sync, options.sources, queued);
}

const isChosen = (source: Source, ids: string[]): boolean =>
	source.published && (ids.length === 0 || ids.includes(source.id));

/** @param queued how many items were queued by hand, which also tries paused sources; null for an ordinary run */
async function push(
	{ captures, engine }: DataSync,
	sources: string[] | null,
	queued: number | null,
): Promise<RunResult> {
	// An editor may have his answer a moment before his edit is in the feed.
	await captures.idle();
	const pushing = engine.push(sources, { force: queued !== null });
	const reports = await Promise.race([pushing, patience().then(() => engine.report(sources))]);
	return { queued: queued ?? 0, sources: reports };
}

const patience = (): Promise<void> =>
	new Promise((resolve) => {
		setTimeout(resolve, PATIENCE).unref();
	});
