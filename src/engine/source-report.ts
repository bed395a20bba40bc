/** What became of a push to one source, as the Flow's later operations read it. */
import type { FeedDep } from '../feed/port.ts';
import type { CheckpointsDep } from '../link/port.ts';
import type { DeliveriesDep } from '../push/port.ts';
import type { PushReport } from '../push/push-report.ts';
import type { Attempt } from '../push/push-source.ts';
import type { Source } from '../sources/port.ts';

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

/**
 * @param source null when it has been deleted since it was asked for
 * @param attempts those of one run, the last of which gives the status; none: nothing was tried
 */
export async function toSourceReport(
	ports: FeedDep & CheckpointsDep & DeliveriesDep,
	id: string,
	source: Source | null,
	attempts: Attempt[],
): Promise<SourceReport> {
	const { seq, target } = (await ports.checkpoints.read(id)).progress;
	const deliveries = await ports.deliveries.read(id);
	const undelivered = await ports.feed.countAfter(seq, target, [...(source?.listing.keys() ?? [])]);
	const last = attempts.at(-1);
	const total = (outcome: keyof PushReport): number =>
		attempts.reduce((sum, attempt) => sum + (attempt.status === 'done' ? attempt.report[outcome] : 0), 0);
	return {
		source: id,
		name: source?.name ?? id,
		status: source?.published ? (last?.status ?? 'busy') : 'paused',
		sent: total('applied') + total('unchanged'),
		superseded: total('superseded'),
		pending: undelivered + deliveries.filter((delivery) => delivery.status === 'pending').length,
		failed: deliveries.filter((delivery) => delivery.status === 'failed').length,
		error: last && 'error' in last ? last.error : null,
	};
}
