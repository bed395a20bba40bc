/**
 * One attempt to bring a source up to date: what lies before it in the feed, then deliveries that are due. See outcome.ts
 * for what becomes of it.
 */

import { FilterFault } from '../content/filter-fault.ts';
import type { LeasesDep } from '../directus/port.ts';
import { isChanged } from '../link/fingerprint.ts';
import type { Checkpoint } from '../link/port.ts';
import { startLinkOver } from '../link/start-over.ts';
import type { Source } from '../sources/port.ts';
import type { RemoteInfo, TransportPort } from '../wire/port.ts';
import { RemoteError } from '../wire/remote-error.ts';
import { type BeginDeps, beginPush, finishStart } from './begin-push.ts';
import { type GapDeps, noticeGap } from './gap.ts';
import { noteFailure, noteSuccess } from './outcome.ts';
import type { Delivery } from './port.ts';
import { greet, push, pushItems } from './push.ts';
import type { PushReport } from './push-report.ts';
import { findRings } from './rings.ts';

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

export type PushSourceDeps = BeginDeps & GapDeps & LeasesDep;

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
	const { nextAttemptAt, error } = before.health;
	const isPaused = nextAttemptAt !== null && nextAttemptAt > ports.clock.now();
	const isTried = force || isChanged(before.progress.fingerprint, source) || isDueEarly(before);
	if (isPaused && !isTried) return { status: 'waiting', error, nextAttemptAt };
	if (!(await ports.leases.take(source.id, LEASE))) return { status: 'busy' };

	const { transport, gotThrough } = noteProgress(ports.transport);

	try {
		await noticeGap(ports, source, before.progress);
		const report = await pushInStep({ ...ports, transport }, source, greets);
		await noteSuccess(ports, source);
		return { status: 'done', report };
	} catch (thrown) {
		const failure = toRemoteError(thrown);
		const nextAttemptAt = await noteFailure(ports, source, failure, gotThrough());
		return { status: 'failing', error: failure.message, nextAttemptAt };
	} finally {
		await ports.leases.release(source.id);
	}
}

/** The same transport, and whether the remote has answered a batch with changes by now. */
function noteProgress(transport: TransportPort): { transport: TransportPort; gotThrough: () => boolean } {
	let progress = false;
	return {
		gotThrough: () => progress,
		transport: {
			...transport,
			send: async (remote, batch) => {
				const results = await transport.send(remote, batch);
				progress ||= batch.changes.length > 0;
				return results;
			},
		},
	};
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

async function pushOnce(ports: PushSourceDeps, known: Source, greets: boolean): Promise<PushReport> {
	const source = await asOfNow(ports, known);
	const { info, startsOver, owed } = await beginPush(ports, source);
	const report = await push(ports, source, info, startsOver);
	if (owed !== null) await finishStart(ports, source, owed);
	await retryDeliveries(ports, source, info, report);
	if (greets && Object.values(report).every((count) => count === 0)) await greet(ports, source);
	return report;
}

/**
 * Before it is told everything because its configuration seems to have changed: with an outdated content model this process
 * would expand the listing otherwise than another does, and both would start over in turns for ever.
 */
async function asOfNow({ checkpoints, sources }: PushSourceDeps, known: Source): Promise<Source> {
	const { progress } = await checkpoints.read(known.id);
	if (!isChanged(progress.fingerprint, known)) return known;
	return (await sources.list({ pastCache: true })).find(({ id }) => id === known.id) ?? known;
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

/** A fault of ours pauses the source as well, and shows. */
function toRemoteError(error: unknown): RemoteError {
	if (error instanceof RemoteError) return error;
	if (error instanceof FilterFault) return new RemoteError('misconfigured', error.message);
	return new RemoteError('internal', `Data Sync failed: ${error instanceof Error ? error.message : String(error)}`);
}
