/** What becomes of an attempt: the health of the source, when the next attempt is, and whom to tell. */
import type { ClockDep } from '../directus/port.ts';
import type { FeedDep } from '../feed/port.ts';
import { withdrawPromises } from '../feed/withdraw.ts';
import type { CheckpointsDep } from '../link/port.ts';
import type { Source, SourcesDep } from '../sources/port.ts';
import { isBusyRemote, isUnanswered, type RemoteError, type RemoteErrorKind } from '../wire/remote-error.ts';
import { backoff, busyBackoff } from './backoff.ts';
import { RECONCILE } from './gap.ts';
import type { DeliveriesDep, NotifyDep } from './port.ts';

/** After so many failures in a row the users are told; at once when it will not pass by itself. */
const TELL_AFTER = 3;
const LASTING = new Set<RemoteErrorKind>(['unauthorised', 'misconfigured', 'incompatible']);
/** That a remote is busy is told when it has been so for long, in milliseconds. */
const TELL_BUSY_AFTER = 5 * 60_000;
/** After these, what got through before counts: the remote works, and waits need not grow. */
const PASSING = new Set<RemoteErrorKind>(['overloaded', 'unreachable']);

type OutcomeDeps = CheckpointsDep & FeedDep & DeliveriesDep & SourcesDep & NotifyDep & ClockDep;

/** The source is well again, if it was not; users hear of that, and of items that its remote refuses. */
export async function noteSuccess(ports: OutcomeDeps, source: Source): Promise<void> {
	const { progress, health } = await ports.checkpoints.read(source.id);
	const { failingSince, notifiedAt, refusedNotifiedAt, attempts } = health;
	const failed = (await ports.deliveries.read(source.id)).filter((delivery) => delivery.status === 'failed');
	const example = failed[0];
	const now = ports.clock.now();

	if (attempts > 0) {
		await ports.checkpoints.saveHealth(source.id, {
			attempts: 0,
			nextAttemptAt: null,
			failingSince: null,
			unansweredSince: null,
			error: null,
			notifiedAt: null,
		});
	}
	await ports.sources.report(source.id, { syncedAt: now, error: progress.reconcileSince === null ? null : RECONCILE });
	if (failingSince !== null && notifiedAt !== null) await ports.notify.recovered(source, failingSince);

	if (example && refusedNotifiedAt === null) {
		await ports.checkpoints.saveHealth(source.id, { refusedNotifiedAt: now });
		await ports.notify.refused(source, failed.length, example);
	} else if (!example && refusedNotifiedAt !== null) {
		await ports.checkpoints.saveHealth(source.id, { refusedNotifiedAt: null });
	}
}

/**
 * Pauses the source, and returns until when, in milliseconds; users are told once in an outage.
 * @param gotThrough whether the remote had taken changes before, in this attempt
 */
export async function noteFailure(
	ports: OutcomeDeps,
	source: Source,
	failure: RemoteError,
	gotThrough: boolean,
): Promise<number> {
	const { health: before, progress } = await ports.checkpoints.read(source.id);
	const now = ports.clock.now();
	const isBusy = isBusyRemote(failure);
	const begins = gotThrough && PASSING.has(failure.kind);
	const attempts = (begins ? 0 : before.attempts) + 1;
	// Who was told of an outage is told of its end when all has been delivered.
	const failingSince = (begins && before.notifiedAt === null ? null : before.failingSince) ?? now;
	const isLong = isBusy ? now - failingSince >= TELL_BUSY_AFTER : attempts >= TELL_AFTER;
	const tell = before.notifiedAt === null && (isLong || LASTING.has(failure.kind));
	const wait = (isBusy ? busyBackoff : backoff)(attempts, ports.clock.random(), failure.retryAfter);
	const nextAttemptAt = Math.round(now + wait);

	if (tell) await withdrawPromises(ports, source.id, progress.seq);
	await ports.checkpoints.saveHealth(source.id, {
		attempts,
		failingSince,
		unansweredSince: isUnanswered(failure) ? (before.unansweredSince ?? now) : null,
		nextAttemptAt,
		error: failure.message,
		...(tell && { notifiedAt: now }),
	});
	if (before.error !== failure.message) await ports.sources.report(source.id, { error: failure.message });
	if (tell) await ports.notify.outage(source, failingSince, failure.message);
	return nextAttemptAt;
}
