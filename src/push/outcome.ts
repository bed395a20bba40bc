/** What becomes of an attempt: the health of the source, when the next attempt is, and whom to tell. */
import type { ClockDep } from '../directus/port.ts';
import type { FeedDep } from '../feed/port.ts';
import { withdrawPromises } from '../feed/withdraw.ts';
import type { CheckpointsDep } from '../link/port.ts';
import type { Source, SourcesDep } from '../sources/port.ts';
import { isUnanswered, type RemoteError } from '../wire/remote-error.ts';
import { backoff } from './backoff.ts';
import { RECONCILE } from './gap.ts';
import type { DeliveriesDep, NotifyDep } from './port.ts';

/** After so many failures in a row the users are told; at once when it will not pass by itself. */
const TELL_AFTER = 3;
const LASTING = new Set(['unauthorised', 'misconfigured', 'incompatible']);

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

/** Pauses the source, and returns until when, in milliseconds; users are told once in an outage. */
export async function noteFailure(ports: OutcomeDeps, source: Source, failure: RemoteError): Promise<number> {
	const { health: before, progress } = await ports.checkpoints.read(source.id);
	const now = ports.clock.now();
	const attempts = before.attempts + 1;
	const failingSince = before.failingSince ?? now;
	const tell = before.notifiedAt === null && (attempts >= TELL_AFTER || LASTING.has(failure.kind));
	const nextAttemptAt = Math.round(now + backoff(attempts, ports.clock.random(), failure.retryAfter));

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
