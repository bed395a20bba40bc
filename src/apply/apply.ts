/**
 * Apply: merge a batch from a remote into this instance, in one transaction. The rows are locked and read again
 * inside it, so an edit that has been committed here, but not settled yet, takes part in the merge instead of being
 * overwritten.
 */

import type { BaselineDep, ClockDep, NodeDep } from '../directus/port.ts';
import type { FeedDep } from '../feed/port.ts';
import { suspectTouch } from '../feed/touch.ts';
import { believeLess } from '../feed/withdraw.ts';
import { acknowledgedBy } from '../link/acknowledged.ts';
import type { Checkpoint, CheckpointsDep } from '../link/port.ts';
import { tellAllAgain } from '../link/start-over.ts';
import { trustIn } from '../link/trust.ts';
import type { Change } from '../replication/change.ts';
import type { NodeId, Timestamp } from '../replication/timestamp.ts';
import { isInStep, type Link } from '../replication/turns.ts';
import { listedFields } from '../sources/listed-fields.ts';
import type { Source, SourcesDep } from '../sources/port.ts';
import type { Batch } from '../wire/batch.ts';
import { Refusal } from '../wire/refusal.ts';
import type { ChangeResult } from '../wire/result.ts';
import type { ApplyContext } from './apply-context.ts';
import { applyInOrder } from './apply-in-order.ts';
import { ClockAheadError, OutOfStepError, StaleError } from './errors.ts';
import type { ApplyDep, ApplyTransaction } from './port.ts';

/** How often a batch is tried at once while edits get in between; the sender tries again later. */
const ATTEMPTS = 5;

export type ApplyDeps = ApplyDep & BaselineDep & ClockDep & FeedDep & NodeDep & SourcesDep & CheckpointsDep;

/**
 * Merges and writes; one result per change, in order. Rejects with a ClockAheadError when nothing can be believed, and with
 * an OutOfStepError when the sender has to start over.
 */
export async function apply(ports: ApplyDeps, batch: Batch): Promise<ChangeResult[]> {
	checkClocks(ports, batch);
	const sources = await ports.sources.list();
	const checkpoints = await readCheckpoints(ports, sources);
	const context = {
		clock: ports.clock,
		node: ports.node,
		baseline: ports.baseline,
		batch,
		acknowledged: acknowledgedBy(checkpoints),
		trusts: trustIn(checkpoints),
		sourceFor: sourceOf(batch.node, sources, checkpoints),
		listed: (collection: string) => listedFields(sources, collection),
	};

	const results = await once(ports, context, false).catch((error: unknown) => {
		if (!(error instanceof Refusal)) throw error;
		// Something in the batch can't be written: do it again with each item in a savepoint of its own.
		return once(ports, context, true);
	});

	await distrust(ports, context);
	await believeLess(ports, ports.node, batch);
	if (batch.link?.after.length === 0) await tellAllAgain(ports);
	return results;
}

async function once(ports: ApplyDeps, context: ApplyContext, isolate: boolean): Promise<ChangeResult[]> {
	for (let attempt = 1; ; attempt += 1) {
		try {
			return await ports.apply.transaction(async (transaction) => {
				await keepStep(transaction, context.batch);
				return applyInOrder(transaction, context, isolate);
			});
		} catch (error) {
			if (!(error instanceof StaleError) || attempt === ATTEMPTS) throw error;
		}
	}
}

/** Here, because batches are applied one after the other: a late copy of an earlier one is told apart. */
async function keepStep(transaction: ApplyTransaction, { node, link }: Batch): Promise<void> {
	if (link === null) return;
	const { source, turn, after }: Link = link;
	const last = await transaction.lastTurn(node, source);
	if (!isInStep(last, after)) throw new OutOfStepError();
	if (turn !== null && turn !== last) await transaction.recordTurn(node, source, turn);
}

function checkClocks(ports: ApplyDeps, batch: Batch): void {
	for (const stamp of batch.changes.flatMap(stampsOf)) {
		const ahead = ports.clock.receive(stamp);
		if (ahead > 0) throw new ClockAheadError(ahead);
	}
}

/** Every moment that a change tells: each of them may be kept here, and passed on. */
const stampsOf = ({ fields, born, buried = [], ended }: Change): Timestamp[] =>
	[...Object.values(fields).flatMap(({ at, over }) => [at, over]), born, ...buried, ended?.at, ended?.over].filter(
		(stamp) => stamp !== null && stamp !== undefined,
	);

/** Who was trusted when the batch came in, and is no more, was not asked for by the link that started over meanwhile. */
async function distrust(ports: ApplyDeps, { batch, trusts }: ApplyContext): Promise<void> {
	const trustsNow = trustIn(await readCheckpoints(ports, await ports.sources.list()));
	if ([...batch.path, batch.node].every((node) => !trusts(node) || trustsNow(node))) return;
	const touches = batch.changes.map((change) => suspectTouch(change, ports.clock.stamp()));
	await ports.feed.touch(touches, { onlyKnown: true, again: true });
}

async function readCheckpoints(ports: ApplyDeps, sources: Source[]): Promise<ReadonlyMap<Source, Checkpoint>> {
	const checkpoints = new Map<Source, Checkpoint>();
	for (const source of sources) checkpoints.set(source, await ports.checkpoints.read(source.id));
	return checkpoints;
}

/** Of several sources that lead to one remote, the one that shares the collection, published ones first. */
function sourceOf(
	sender: NodeId,
	sources: Source[],
	checkpoints: ReadonlyMap<Source, Checkpoint>,
): (collection: string) => string | null {
	const leading = sources.filter((source) => checkpoints.get(source)?.link.node === sender);
	const rank = (source: Source, collection: string): number =>
		Number(source.listing.has(collection)) * 2 + Number(source.published);
	return (collection) => {
		const [first] = [...leading].sort((a, b) => rank(b, collection) - rank(a, collection));
		return first?.id ?? null;
	};
}
