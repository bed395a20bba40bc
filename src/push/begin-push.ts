/**
 * The beginning of a push, and its end where a source starts over: to whom, under which configuration, and whether everything
 * is to be told again.
 */
import { type SettleDeps, settle } from '../feed/settle.ts';
import { withdrawPromises } from '../feed/withdraw.ts';
import { type Fingerprint, finished, isChanged, unfinished } from '../link/fingerprint.ts';
import type { SourceLink } from '../link/port.ts';
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
	const { fingerprint, link, isNew } = await prepare(ports, source);
	const info = await meet(ports, source, link);
	const startsOver = fingerprint.kind === 'unfinished' || (isNew && (await isToldByOthers(ports, source, info)));
	return { info, startsOver, owed: startsOver ? await oweAll(ports, source, fingerprint) : null };
}

/**
 * A checkpoint belongs to a configuration: under another URL or listing it starts over, and tells everything, which costs
 * little, as the remote knows what it has. Under the lease, so that no push under the old one moves it on afterwards.
 */
async function prepare(
	ports: BeginDeps,
	source: Source,
): Promise<{ fingerprint: Fingerprint; link: SourceLink; isNew: boolean }> {
	const { progress, link } = await ports.checkpoints.read(source.id);
	if (!isChanged(progress.fingerprint, source)) return { fingerprint: progress.fingerprint, link, isNew: false };
	const isNew = progress.fingerprint.kind === 'none';
	// It may be told less from now on than others were promised, or another remote be told it.
	if ('configuration' in progress.fingerprint) await withdrawPromises(ports, source.id, progress.seq);
	const fingerprint = isNew ? finished(source) : unfinished(source);
	await ports.checkpoints.saveTogether(source.id, {
		progress: { seq: 0, fingerprint },
		link: { node: null },
		health: { warnings: [] },
	});
	return { fingerprint, link: { ...link, node: null }, isNew };
}

/** Then paths may name the remote that were written before this source was to tell it more. */
async function isToldByOthers({ checkpoints, sources }: BeginDeps, source: Source, { node }: RemoteInfo) {
	for (const { id } of await sources.list()) {
		if (id === source.id || (await checkpoints.read(id)).link.node !== node) continue;
		await checkpoints.saveProgress(source.id, { fingerprint: unfinished(source) }, finished(source));
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
	await ports.checkpoints.saveProgress(source.id, { fingerprint: unfinished(source, owed) }, unfinished(source));
	return owed;
}

/** What was owed is told, unless more has come to be owed. */
export async function finishStart(ports: BeginDeps, source: Source, owed: number): Promise<void> {
	const { seq } = (await ports.checkpoints.read(source.id)).progress;
	if (seq < owed) return;
	await ports.checkpoints.saveProgress(source.id, { fingerprint: finished(source) }, unfinished(source, owed));
}

/** Asks the remote who it is; a node that turns out to be ourselves is refused. */
async function meet(ports: BeginDeps, source: Source, { node, clockOffset }: SourceLink): Promise<RemoteInfo> {
	if (source.configurationError) throw new RemoteError('misconfigured', source.configurationError);
	const info = await ports.transport.info(source);

	if (info.node === ports.node) {
		throw new RemoteError(
			'misconfigured',
			'The URL leads back to this very instance, or to a copy of it that still has its identity. Enter the URL of another instance; restart a copy with its own PUBLIC_URL.',
		);
	}

	ports.clock.receive(info.clock);
	if (Math.abs((clockOffset ?? Number.POSITIVE_INFINITY) - info.clockOffset) >= 1000) {
		await ports.checkpoints.saveLink(source.id, { clockOffset: info.clockOffset });
	}
	if (node === null) await ports.checkpoints.saveLink(source.id, { node: info.node });
	else if (node !== info.node) {
		// Another node at the same address knows nothing of what its predecessor acknowledged.
		await ports.checkpoints.saveTogether(source.id, { progress: { seq: 0 }, link: { node: info.node } });
	}
	return info;
}
