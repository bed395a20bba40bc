/**
 * One attempt to bring a source up to date: what lies before it in the feed, then deliveries that are due. The
 * outcome decides when the next attempt is and whom to tell.
 */

import { FilterFault } from '../content/filter-fault.ts';
import type { LeasesDep } from '../directus/port.ts';
import { type SettleDeps, settle } from '../feed/settle.ts';
import { type Fingerprint, finished, isChanged, unfinished } from '../link/fingerprint.ts';
import type { Checkpoint } from '../link/port.ts';
import { startLinkOver } from '../link/start-over.ts';
import type { Source } from '../sources/port.ts';
import type { RemoteInfo } from '../wire/port.ts';
import { isUnanswered, RemoteError } from '../wire/remote-error.ts';
import { backoff } from './backoff.ts';
import { type GapDeps, noticeGap, RECONCILE } from './gap.ts';
import type { Delivery } from './port.ts';
import { greet, type PushDeps, push, pushItems } from './push.ts';
import type { PushReport } from './push-report.ts';
import { findRings } from './rings.ts';

/** After so many failures in a row the users are told; at once when it will not pass by itself. */
const TELL_AFTER = 3;
const LASTING = new Set(['unauthorised', 'misconfigured', 'incompatible']);

/** Short, so that what a crashed process was pushing goes on soon; a living one keeps its lease up. Milliseconds. */
const LEASE = 20_000;
/** How many refused items are tried again in one go; more follow as long as something gets through. */
const REFUSED_AT_ONCE = 100;

export type Attempt =
	/** All that was asked for is acknowledged. */
	| { status: 'done'; report: PushReport }
	/** The source is paused after a failure; it is tried again at `nextAttemptAt`. */
	| { status: 'waiting'; error: string | null; nextAttemptAt: number }
	/** This attempt failed. */
	| { status: 'failing'; error: string; nextAttemptAt: number }
	/** Another process pushes to this source just now. */
	| { status: 'busy' };

export type PushSourceDeps = PushDeps & GapDeps & SettleDeps & LeasesDep;

export type PushOptions = {
	/** Try even if the source is paused after a failure. */
	force?: boolean;
	/** Whether to try a source before its time that is paused because its remote does not answer. */
	isDueEarly?: (checkpoint: Checkpoint) => boolean;
	/** With nothing to be sent, compare memories with the remote. */
	greets?: boolean;
};

export async function pushSource(
	ports: PushSourceDeps,
	source: Source,
	{ force = false, greets = false, isDueEarly = () => false }: PushOptions = {},
): Promise<Attempt> {
	const before = await ports.checkpoints.read(source.id);
	const { nextAttemptAt, error } = before;
	const isPaused = nextAttemptAt !== null && nextAttemptAt > ports.clock.now();
	const isTried = force || isChanged(before.fingerprint, source) || isDueEarly(before);
	if (isPaused && !isTried) return { status: 'waiting', error, nextAttemptAt };
	if (!(await ports.leases.take(source.id, LEASE))) return { status: 'busy' };

	try {
		await noticeGap(ports, source, before);
		const report = await pushInStep(ports, source, greets);
		await succeed(ports, source);
		return { status: 'done', report };
	} catch (thrown) {
		const failure = toRemoteError(thrown);
		return { status: 'failing', error: failure.message, nextAttemptAt: await fail(ports, source, failure) };
	} finally {
		await ports.leases.release(source.id);
	}
}

/** A remote whose memory of the link differs from ours is told everything, at once. */
async function pushInStep(ports: PushSourceDeps, source: Source, greets: boolean): Promise<PushReport> {
	try {
		return await pushOnce(ports, source, greets);
	} catch (error) {
		if (!(error instanceof RemoteError) || error.kind !== 'out_of_step') throw error;
		await startLinkOver(ports, source.id);
		return await pushOnce(ports, source, true);
	}
}

async function pushOnce(ports: PushSourceDeps, source: Source, greets: boolean): Promise<PushReport> {
	const { checkpoint, isNew, ...prepared } = await prepare(ports, source);
	const info = await meet(ports, source, checkpoint);
	const startsOver = prepared.startsOver || (isNew && (await isToldByOthers(ports, source, info)));
	const owed = startsOver ? await oweAll(ports, source, checkpoint.fingerprint) : null;
	const report = await push(ports, source, info, startsOver);
	if (owed !== null) await finish(ports, source, owed);
	await retryDeliveries(ports, source, info, report);
	if (greets && Object.values(report).every((count) => count === 0)) await greet(ports, source);
	return report;
}

/**
 * A checkpoint belongs to a configuration: under another URL or listing it starts over, and tells everything, which costs
 * little, as the remote knows what it has. Under the lease, so that no push under the old one moves it on afterwards.
 */
async function prepare(
	ports: PushSourceDeps,
	source: Source,
): Promise<{ checkpoint: Checkpoint; isNew: boolean; startsOver: boolean }> {
	const checkpoint = await ports.checkpoints.read(source.id);
	const { kind } = checkpoint.fingerprint;
	if (!isChanged(checkpoint.fingerprint, source)) {
		return { checkpoint, isNew: false, startsOver: kind === 'unfinished' };
	}
	const startsOver = kind !== 'none';
	const fingerprint = startsOver ? unfinished(source) : finished(source);
	const renewed = { seq: 0, node: null, fingerprint, warnings: [] };
	await ports.checkpoints.save(source.id, renewed);
	return { checkpoint: { ...checkpoint, ...renewed }, isNew: !startsOver, startsOver };
}

/** Then paths may name the remote that were written before this source was to tell it more. */
async function isToldByOthers({ checkpoints, sources }: PushSourceDeps, source: Source, { node }: RemoteInfo) {
	for (const { id } of await sources.list()) {
		if (id === source.id || (await checkpoints.read(id)).node !== node) continue;
		await checkpoints.save(source.id, { fingerprint: unfinished(source) }, finished(source));
		return true;
	}
	return false;
}

/**
 * What was applied before the link started over, and is numbered only now, may name the remote on its path because of
 * what it had acknowledged before. So the start is over only when that has been told as well.
 */
async function oweAll(ports: PushSourceDeps, source: Source, fingerprint: Fingerprint): Promise<number> {
	if (fingerprint.kind === 'unfinished' && fingerprint.owed !== null) return fingerprint.owed;
	await settle(ports);
	const owed = await ports.feed.head();
	await ports.checkpoints.save(source.id, { fingerprint: unfinished(source, owed) }, unfinished(source));
	return owed;
}

async function finish(ports: PushSourceDeps, source: Source, owed: number): Promise<void> {
	const { seq } = await ports.checkpoints.read(source.id);
	if (seq < owed) return;
	await ports.checkpoints.save(source.id, { fingerprint: finished(source) }, unfinished(source, owed));
}

/** Asks the remote who it is; a node that turns out to be ourselves is refused. */
async function meet(ports: PushSourceDeps, source: Source, checkpoint: Checkpoint): Promise<RemoteInfo> {
	if (source.configurationError) throw new RemoteError('misconfigured', source.configurationError);
	const info = await ports.transport.info(source);

	if (info.node === ports.node) {
		throw new RemoteError(
			'misconfigured',
			'The URL leads back to this very instance, or to a copy of it that still has its identity. Enter the URL of another instance; restart a copy with its own PUBLIC_URL.',
		);
	}

	ports.clock.receive(info.clock);
	if (Math.abs((checkpoint.clockOffset ?? Number.POSITIVE_INFINITY) - info.clockOffset) >= 1000) {
		await ports.checkpoints.save(source.id, { clockOffset: info.clockOffset });
	}
	if (checkpoint.node !== info.node) {
		// Another node at the same address knows nothing of what its predecessor acknowledged.
		await ports.checkpoints.save(source.id, { node: info.node, ...(checkpoint.node !== null && { seq: 0 }) });
	}
	return info;
}

async function retryDeliveries(
	ports: PushSourceDeps,
	source: Source,
	info: RemoteInfo,
	report: PushReport,
): Promise<void> {
	const now = ports.clock.now();
	const isDue = ({ nextAttemptAt }: Delivery) => nextAttemptAt !== null && nextAttemptAt <= now;
	// Whatever was applied just now may be the parent that others wait for.
	let parentArrived = report.applied > 0;

	for (;;) {
		const open = await ports.deliveries.read(source.id);
		const due = open.filter((each) => each.status === 'pending' && (parentArrived || isDue(each)));
		const refused = open.filter((each) => each.status === 'failed' && isDue(each)).slice(0, REFUSED_AT_ONCE);
		if (due.length + refused.length === 0) return;

		const tried = [...due, ...refused];
		const retried = await pushItems(ports, source, info, tried, await findRings(ports.items, tried));
		for (const outcome of Object.keys(retried) as (keyof PushReport)[]) report[outcome] += retried[outcome];
		parentArrived = retried.applied > 0;
		if (!parentArrived) return;
	}
}

async function succeed(ports: PushSourceDeps, source: Source): Promise<void> {
	const { failingSince, notifiedAt, refusedNotifiedAt, attempts, reconcileSince } = await ports.checkpoints.read(
		source.id,
	);
	const failed = (await ports.deliveries.read(source.id)).filter((delivery) => delivery.status === 'failed');
	const example = failed[0];
	const now = ports.clock.now();

	if (attempts > 0) {
		await ports.checkpoints.save(source.id, {
			attempts: 0,
			nextAttemptAt: null,
			failingSince: null,
			unansweredSince: null,
			error: null,
			notifiedAt: null,
		});
	}
	await ports.sources.report(source.id, { syncedAt: now, error: reconcileSince === null ? null : RECONCILE });
	if (failingSince !== null && notifiedAt !== null) await ports.notify.recovered(source, failingSince);

	if (example && refusedNotifiedAt === null) {
		await ports.checkpoints.save(source.id, { refusedNotifiedAt: now });
		await ports.notify.refused(source, failed.length, example);
	} else if (!example && refusedNotifiedAt !== null) {
		await ports.checkpoints.save(source.id, { refusedNotifiedAt: null });
	}
}

async function fail(ports: PushSourceDeps, source: Source, failure: RemoteError): Promise<number> {
	const before = await ports.checkpoints.read(source.id);
	const now = ports.clock.now();
	const attempts = before.attempts + 1;
	const failingSince = before.failingSince ?? now;
	const tell = before.notifiedAt === null && (attempts >= TELL_AFTER || LASTING.has(failure.kind));
	const nextAttemptAt = Math.round(now + backoff(attempts, ports.clock.random(), failure.retryAfter));

	await ports.checkpoints.save(source.id, {
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

/** A fault of ours pauses the source as well, and shows. */
function toRemoteError(error: unknown): RemoteError {
	if (error instanceof RemoteError) return error;
	if (error instanceof FilterFault) return new RemoteError('misconfigured', error.message);
	return new RemoteError('internal', `Data Sync failed: ${error instanceof Error ? error.message : String(error)}`);
}
