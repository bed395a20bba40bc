/**
 * The beginning of a push, and its end where a source starts over: to whom, under which configuration, and whether everything
 * is to be told again.
 */
import { type SettleDeps, settle } from '../feed/settle.ts';
import { type Fingerprint, finished, isChanged, unfinished } from '../link/fingerprint.ts';
import type { Checkpoint } from '../link/port.ts';
import type { Source } from '../sources/port.ts';
import type { RemoteInfo } from '../wire/port.ts';
import { RemoteError } from '../wire/remote-error.ts';
import type { PushDeps } from './push.ts';

export type BeginDeps = PushDeps & SettleDeps;

export type Begun = {
	info: RemoteInfo;
	/** Everything is told again, whatever paths and promises say. */
	startsOver: boolean;
	/** Up to which seq that is; null when it is not. */
	owed: number | null;
};

/** To be called under the lease. Rejects with a RemoteError. */
export async function beginPush(ports: BeginDeps, source: Source): Promise<Begun> {
	const { checkpoint, isNew, ...prepared } = await prepare(ports, source);
	const info = await meet(ports, source, checkpoint);
	const startsOver = prepared.startsOver || (isNew && (await isToldByOthers(ports, source, info)));
	return { info, startsOver, owed: startsOver ? await oweAll(ports, source, checkpoint.fingerprint) : null };
}

/**
 * A checkpoint belongs to a configuration: under another URL or listing it starts over, and tells everything, which costs
 * little, as the remote knows what it has. Under the lease, so that no push under the old one moves it on afterwards.
 */
async function prepare(
	ports: BeginDeps,
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
async function isToldByOthers({ checkpoints, sources }: BeginDeps, source: Source, { node }: RemoteInfo) {
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
async function oweAll(ports: BeginDeps, source: Source, fingerprint: Fingerprint): Promise<number> {
	if (fingerprint.kind === 'unfinished' && fingerprint.owed !== null) return fingerprint.owed;
	await settle(ports);
	const owed = await ports.feed.head();
	await ports.checkpoints.save(source.id, { fingerprint: unfinished(source, owed) }, unfinished(source));
	return owed;
}

/** What was owed is told, unless more has come to be owed. */
export async function finishStart(ports: BeginDeps, source: Source, owed: number): Promise<void> {
	const { seq } = await ports.checkpoints.read(source.id);
	if (seq < owed) return;
	await ports.checkpoints.save(source.id, { fingerprint: finished(source) }, unfinished(source, owed));
}

/** Asks the remote who it is; a node that turns out to be ourselves is refused. */
async function meet(ports: BeginDeps, source: Source, checkpoint: Checkpoint): Promise<RemoteInfo> {
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
