/**
 * Push: bring one source up to its target, from its checkpoint on. What is acknowledged moves the checkpoint, what
 * is refused becomes a delivery, and what can't be reached leaves all as it is, for the next attempt.
 */

import type { Ref } from '../content/port.ts';
import type { NodeDep } from '../directus/port.ts';
import type { IntroduceDeps } from '../feed/introduce.ts';
import { rowsUpTo } from '../feed/rows-up-to.ts';
import type { FilesDep } from '../files/port.ts';
import type { Checkpoint } from '../link/port.ts';
import { ofNobody } from '../link/promises.ts';
import { whoIsTold } from '../link/topology.ts';
import { type Change, itemId } from '../replication/change.ts';
import { chunks } from '../replication/paging.ts';
import type { NodeId } from '../replication/timestamp.ts';
import { createTurn, type Link } from '../replication/turns.ts';
import type { Source } from '../sources/port.ts';
import type { RemoteInfo, TransportDep } from '../wire/port.ts';
import type { ChangeResult } from '../wire/result.ts';
import { afterProbe, type ComposeDeps, type Composed, compose } from './compose.ts';
import { exchange } from './exchange.ts';
import { faster, limitsAt, paceAfter } from './pace.ts';
import { type Packed, type PackLimits, pack } from './pack.ts';
import { touchParents } from './parents.ts';
import type { DeliveriesDep } from './port.ts';
import { emptyReport, type PushReport } from './push-report.ts';
import { record } from './record-results.ts';
import { type SendContext, sendBatch } from './send-batch.ts';
import { noteLeftOut, resendFollowers, type WarningDeps } from './warnings.ts';

export type PushDeps = ComposeDeps & IntroduceDeps & WarningDeps & DeliveriesDep & TransportDep & FilesDep & NodeDep;

type Context = SendContext & { ports: PushDeps; info: RemoteInfo; report: PushReport; pace: number };

/**
 * Sends everything between the source's checkpoint and its target. Rejects with a RemoteError.
 * @param all also what the remote was known to have, under another configuration or before one of us was put back to an
 *   older state; then nobody's promise to pass anything on counts
 */
export async function push(ports: PushDeps, source: Source, info: RemoteInfo, all = false): Promise<PushReport> {
	const checkpoint = await ports.checkpoints.read(source.id);
	const { seq: from, target } = checkpoint.progress;
	const context = await createContext(ports, source, info, checkpoint);
	if (from >= target) return context.report;
	let seq = from;

	for await (const rows of rowsUpTo(ports.feed, from, target)) {
		const open = new Set((await ports.deliveries.read(source.id)).map((each) => itemId(each.collection, each.item)));
		// What the remote has refused it may have got from another node by now; only its own answer tells.
		const untold = rows.map((row) => (all || open.has(itemId(row.collection, row.item)) ? ofNobody(row) : row));
		const composed = await compose(ports, source, untold, all ? null : info.node);

		for (const batch of pack(composed, limitsOf(context))) {
			await deliver(context, batch);
			seq = batch.rows.at(-1)?.row.seq ?? seq;
			await ports.checkpoints.saveTogether(source.id, { progress: { seq }, link: { turns: context.turns } });
		}
		context.pace = faster(context.pace);
	}

	if (seq < target) await ports.checkpoints.saveProgress(source.id, { seq: target });
	return context.report;
}

/**
 * Sends the given items whatever the checkpoint says: retries and manual resyncs. Rejects with a RemoteError.
 * @param ring items that wait for each other, see rings.ts
 */
export async function pushItems(
	ports: PushDeps,
	source: Source,
	info: RemoteInfo,
	refs: Ref[],
	ring: ReadonlySet<string> = new Set(),
): Promise<PushReport> {
	const context = await createContext(ports, source, info, await ports.checkpoints.read(source.id));

	for (const part of chunks(refs)) {
		const composed = await compose(ports, source, await ports.feed.read(part), null, { ring });
		for (const batch of pack(composed, limitsOf(context))) {
			await deliver(context, batch);
			await ports.checkpoints.saveLink(source.id, { turns: context.turns });
		}
		context.pace = faster(context.pace);
	}

	return context.report;
}

/** Compares memories with the remote, sending nothing. Rejects with a RemoteError, of kind out_of_step if they differ. */
export async function greet(ports: PushDeps, source: Source): Promise<void> {
	const { turns } = (await ports.checkpoints.read(source.id)).link;
	// That the link starts over is to be acknowledged like a batch; otherwise there is nothing to remember.
	const turn = turns.length === 0 ? createTurn(ports.clock.random()) : null;
	const link: Link = { source: source.id, turn, after: turns };
	await ports.transport.send(source, { node: ports.node, path: [ports.node], link, changes: [] });
	if (turn !== null) await ports.checkpoints.saveLink(source.id, { turns: [turn] });
}

async function createContext(
	ports: PushDeps,
	source: Source,
	info: RemoteInfo,
	{ link, health }: Checkpoint,
): Promise<Context> {
	const told = await whoIsTold(ports, source);
	return {
		ports,
		source,
		info,
		told,
		report: emptyReport(),
		turns: link.turns,
		blamed: 0,
		pace: paceAfter(health.attempts),
	};
}

async function deliver(context: Context, batch: Packed): Promise<void> {
	await noteRefused(context, batch.rows);
	const sent = batch.rows.filter(isSent);
	if (sent.length === 0) return;

	const results = await sendAll(context, batch.path, sent);
	const wanted = sent.filter((_, index) => results[index]?.outcome === 'wanted').map(({ row }) => row);
	await note(context, sent, results);
	await touchParents(
		context.ports,
		context.source,
		sent.filter((_, index) => results[index]?.code === 'missing_parent').map(({ change }) => change),
	);

	if (wanted.length > 0) {
		const again = await afterProbe(context.ports, context.source, wanted);
		await noteRefused(context, again);
		for (const part of pack(again.filter(isSent), limitsOf(context))) {
			const parts = part.rows.filter(isSent);
			await note(context, parts, await sendAll(context, part.path, parts));
		}
	}
}

/** Sends changes, with the bytes of files that the remote asks for. */
const sendAll = (context: Context, path: NodeId[], sent: Sent[]): Promise<ChangeResult[]> =>
	exchange(context.ports.files, context.source, sent, (part) => sendBatch(context, path, part));

async function note(context: Context, sent: Sent[], results: ChangeResult[]): Promise<void> {
	await record(context, sent, results);
	await noteLeftOut(context.ports, context.source, sent, results);
	await resendFollowers(context.ports, context.source, sent, results);
}

/** What is refused before it is sent becomes a delivery as well. */
async function noteRefused(context: Context, composed: Composed[]): Promise<void> {
	const refused = composed.filter((each) => each.refused !== undefined);
	if (refused.length === 0) return;
	const results = refused.flatMap((each) => each.refused ?? []);
	await record(context, refused, results);
}

type Sent = Composed & { change: Change };

const isSent = (each: Composed): each is Sent => each.change !== null;

const limitsOf = ({ info, pace }: Context): PackLimits =>
	limitsAt(pace, { bytes: info.maxPayloadBytes, changes: info.maxChanges });
