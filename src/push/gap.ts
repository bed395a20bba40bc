/**
 * Notices that deletions were dropped while a source was paused, so that its remote will never be told of them. The source goes on
 * with everything else, and says so until somebody has put it right and sent everything again.
 */

import type { ClockDep } from '../directus/port.ts';
import type { RetentionDep } from '../feed/port.ts';
import type { CheckpointsDep, SourceProgress } from '../link/port.ts';
import type { Source, SourcesDep } from '../sources/port.ts';
import type { NotifyDep } from './port.ts';

export type GapDeps = CheckpointsDep & RetentionDep & SourcesDep & NotifyDep & ClockDep;

export const RECONCILE =
	'This source was paused for so long that deletions made here meanwhile are no longer remembered, and the remote was never told of them. ' +
	'Compare the two instances and delete on the remote what no longer exists here; then run the Flow "Data Sync: resync" on this source. ' +
	'Everything else is delivered.';

/**
 * Before each push, while the checkpoint still tells how far the source had come. While a source is published nothing is dropped
 * that it has not acknowledged; so a dropped deletion beyond both its checkpoint and what had been dropped at its last push
 * was dropped while it was paused. A source that has never pushed has told its remote of nothing that could be missing.
 */
export async function noticeGap(ports: GapDeps, source: Source, progress: SourceProgress): Promise<void> {
	const { seq, fingerprint, forgottenSeq, reconcileSince } = progress;
	const forgotten = (await ports.retention.forgotten()).seq;
	if ((forgottenSeq ?? 0) === forgotten) return;
	const hasPushed = forgottenSeq !== null || fingerprint.kind !== 'none';
	const isMissed = hasPushed && reconcileSince === null && forgotten > Math.max(seq, forgottenSeq ?? 0);
	const changes = { forgottenSeq: forgotten, ...(isMissed && { reconcileSince: ports.clock.now() }) };
	await ports.checkpoints.saveProgress(source.id, changes);
	if (!isMissed) return;

	await ports.sources.report(source.id, { error: RECONCILE });
	await ports.notify.incomplete(source, RECONCILE);
}
