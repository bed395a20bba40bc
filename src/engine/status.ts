/** How a source is doing, for people. */

import type { FeedDep } from '../feed/port.ts';
import type { CheckpointsDep } from '../link/port.ts';
import { OWN_CHECKPOINT, type Warning } from '../link/port.ts';
import { RECONCILE } from '../push/gap.ts';
import type { DeliveriesDep } from '../push/port.ts';
import { describeWarning } from '../push/warnings.ts';
import type { Source } from '../sources/port.ts';

export type SourceStatus = {
	source: string;
	name: string;
	/** paused: not published; behind: changes are on their way; failing: the last attempt failed; synced: it has all. */
	state: 'paused' | 'synced' | 'behind' | 'failing';
	/** Changes it has not acknowledged yet. */
	lag: number;
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
	const { conflicts, lastConflictAt } = await ports.checkpoints.read(OWN_CHECKPOINT);
	return { conflicts, lastConflictAt };
}

export async function sourceStatus(
	ports: FeedDep & CheckpointsDep & DeliveriesDep,
	source: Source,
): Promise<SourceStatus> {
	const checkpoint = await ports.checkpoints.read(source.id);
	const reconcile = checkpoint.reconcileSince !== null;
	const deliveries = await ports.deliveries.read(source.id);
	const lag = await ports.feed.countAfter(checkpoint.seq, await ports.feed.head(), [...source.listing.keys()]);
	const settledState = lag > 0 ? 'behind' : 'synced';
	return {
		source: source.id,
		name: source.name,
		state: !source.published ? 'paused' : checkpoint.failingSince !== null ? 'failing' : settledState,
		lag,
		pending: deliveries.filter((delivery) => delivery.status === 'pending').length,
		failed: deliveries.filter((delivery) => delivery.status === 'failed').length,
		error: source.configurationError ?? checkpoint.error ?? (reconcile ? RECONCILE : null),
		reconcile,
		warnings: checkpoint.warnings.map((each) => ({ ...each, message: describeWarning(each) })),
		failingSince: checkpoint.failingSince,
		clockOffset: checkpoint.clockOffset,
		nextAttemptAt: checkpoint.nextAttemptAt,
		conflicts: checkpoint.conflicts,
		lastConflictAt: checkpoint.lastConflictAt,
	};
}
