/** How the sources are doing, for people. "Synced" is said only of what is. */

import { FilterFault } from '../content/filter-fault.ts';
import type { ItemsDep, ItemsPort } from '../content/port.ts';
import type { Backlog, FeedDep } from '../feed/port.ts';
import { isFinished } from '../link/fingerprint.ts';
import type { CheckpointsDep } from '../link/port.ts';
import { OWN_CHECKPOINT, type Warning } from '../link/port.ts';
import { RECONCILE } from '../push/gap.ts';
import type { DeliveriesDep } from '../push/port.ts';
import { describeWarning } from '../push/warnings.ts';
import type { ListingEntry } from '../sources/listing.ts';
import type { Source } from '../sources/port.ts';
import { type SourceState, sourceState } from './source-state.ts';

export type SourceStatus = {
	source: string;
	name: string;
	state: SourceState;
	/** Changes it has not acknowledged yet. */
	lag: number;
	/** Written items of its collections that have no place in the feed yet, so that they are in no lag. */
	unsettled: number;
	/** Items waiting at the remote, and items it refuses. */
	pending: number;
	failed: number;
	error: string | null;
	/** References that the remote could not follow: one for each field, with what to do. */
	warnings: (Warning & { message: string })[];
	/** The remote misses deletions that are forgotten here; the error says what to do. */
	reconcile: boolean;
	/** Milliseconds since 1970, or null. */
	failingSince: number | null;
	/** How many milliseconds the remote's clock is ahead of ours; null until it was asked. */
	clockOffset: number | null;
	nextAttemptAt: number | null;
	/** Field values, and deleted items, that met a concurrent edit: one of ours and one told us by this remote. */
	conflicts: number;
	lastConflictAt: number | null;
};

/** All of this node's conflicts, those included whose remote is no source any more, or never was one. */
export async function conflictTotals(
	ports: CheckpointsDep,
): Promise<Pick<SourceStatus, 'conflicts' | 'lastConflictAt'>> {
	const { conflicts, lastConflictAt } = (await ports.checkpoints.read(OWN_CHECKPOINT)).health;
	return { conflicts, lastConflictAt };
}

export type StatusDeps = FeedDep & CheckpointsDep & DeliveriesDep & ItemsDep;

/** What all sources have in common, read once for all of them. */
export type NodeFacts = {
	head: number;
	backlog: Backlog;
	/** By collection, why its items can't be settled. */
	unsettleable: ReadonlyMap<string, string>;
	/** Why a filter of the source can't be used, or null. */
	filterFault(source: Source): Promise<string | null>;
};

export async function nodeFacts(
	{ feed, items }: FeedDep & ItemsDep,
	unsettleable: NodeFacts['unsettleable'] = new Map(),
): Promise<NodeFacts> {
	// Before the head: what is settled meanwhile is counted twice rather than not at all.
	const backlog = await feed.backlog();
	const tried = new Map<string, Promise<string | null>>();

	const faultOf = ({ collection, filter }: ListingEntry): Promise<string | null> => {
		const id = JSON.stringify([collection, filter]);
		const fault = tried.get(id) ?? tryFilter(items, collection, filter);
		tried.set(id, fault);
		return fault;
	};

	return {
		head: await feed.head(),
		backlog,
		unsettleable,
		filterFault: async ({ listing }) => {
			const faults = await Promise.all([...listing.values()].map(faultOf));
			return faults.find((fault) => fault !== null) ?? null;
		},
	};
}

async function tryFilter(items: ItemsPort, collection: string, filter: ListingEntry['filter']): Promise<string | null> {
	const shape = filter && (await items.shape(collection));
	if (!shape) return null;
	try {
		await items.tryFilter(shape, filter);
		return null;
	} catch (error) {
		if (error instanceof FilterFault) return error.message;
		throw error;
	}
}

export async function sourceStatus(ports: StatusDeps, source: Source, facts?: NodeFacts): Promise<SourceStatus> {
	const { head, backlog, unsettleable, filterFault } = facts ?? (await nodeFacts(ports));
	const { progress, link, health } = await ports.checkpoints.read(source.id);
	const listed = [...source.listing.keys()];
	const reconcile = progress.reconcileSince !== null;
	const deliveries = await ports.deliveries.read(source.id);
	const lag = await ports.feed.countAfter(progress.seq, head, listed);
	const unsettled = listed.reduce((sum, collection) => sum + (backlog.unsettled.get(collection) ?? 0), 0);
	const pending = deliveries.filter((delivery) => delivery.status === 'pending').length;
	const failed = deliveries.filter((delivery) => delivery.status === 'failed').length;
	const misconfigured = source.configurationError ?? (await filterFault(source));
	const unreadable = listed.flatMap((collection) => unsettleable.get(collection) ?? [])[0] ?? null;
	// Under another configuration than it was told by, it is told all of it anew.
	const isToldAll = isFinished(progress.fingerprint, source);
	return {
		source: source.id,
		name: source.name,
		state: sourceState({
			published: source.published,
			isFailing: health.failingSince !== null || unreadable !== null,
			isMisconfigured: misconfigured !== null,
			isBehind: lag > 0 || unsettled > 0 || backlog.unnoted > 0 || !isToldAll,
			failed,
			pending,
			isIncomplete: health.warnings.length > 0 || reconcile,
		}),
		lag,
		unsettled,
		pending,
		failed,
		error: misconfigured ?? health.error ?? unreadable ?? (reconcile ? RECONCILE : null),
		reconcile,
		warnings: health.warnings.map((each) => ({ ...each, message: describeWarning(each) })),
		failingSince: health.failingSince,
		clockOffset: link.clockOffset,
		nextAttemptAt: health.nextAttemptAt,
		conflicts: health.conflicts,
		lastConflictAt: health.lastConflictAt,
	};
}
