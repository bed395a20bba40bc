/**
 * Sends a batch. Where the remote fails at it as a whole, although it answers when it is greeted, one of the changes is to
 * blame: the batch is halved until that is alone, and the failure is its own.
 */

import type { ClockDep, NodeDep } from '../directus/port.ts';
import type { CheckpointsDep } from '../link/port.ts';
import { pathFor, type Told } from '../link/topology.ts';
import type { Change } from '../replication/change.ts';
import type { NodeId } from '../replication/timestamp.ts';
import { type Link, type Turns, takeTurn } from '../replication/turns.ts';
import type { Source } from '../sources/port.ts';
import type { TransportDep } from '../wire/port.ts';
import { RemoteError } from '../wire/remote-error.ts';
import type { ChangeResult } from '../wire/result.ts';

/** Not for what is in the batch. That a clock is ahead is said of one stamp, but is so of all that are to come. */
const NEVER = new Set<RemoteError['kind']>(['overloaded', 'out_of_step', 'misconfigured']);

/** So many changes in a row, and no other in between: then it is the remote that fails. */
const MOST_BLAMED = 100;

/** A connection that breaks is nobody's fault, unless it breaks again and again and only under a batch. */
const UNREACHED_ATTEMPTS = 5;

export type SendContext = {
	ports: CheckpointsDep & ClockDep & NodeDep & TransportDep;
	source: Source;
	told: Told;
	/** Which batch the remote may have applied last; saved before a batch is sent, and with what it acknowledges. */
	turns: Turns;
	/** How many changes the remote has failed at since it last took one. */
	blamed: number;
};

/** One result per change. Rejects with a RemoteError when it is not for one of the changes. */
export async function sendBatch(
	context: SendContext,
	rowPath: NodeId[],
	sent: { change: Change }[],
): Promise<ChangeResult[]> {
	try {
		return await transmit(context, rowPath, sent);
	} catch (error) {
		if (!(error instanceof RemoteError) || !(await isForTheBatch(context, error))) throw error;
		if (sent.length > 1) {
			const half = Math.ceil(sent.length / 2);
			const first = await sendBatch(context, rowPath, sent.slice(0, half));
			return [...first, ...(await sendBatch(context, rowPath, sent.slice(half)))];
		}
		if (mayPass(error)) context.blamed += 1;
		if (context.blamed > MOST_BLAMED) throw error;
		return [toResult(error)];
	}
}

async function transmit(context: SendContext, rowPath: NodeId[], sent: { change: Change }[]): Promise<ChangeResult[]> {
	const { ports, source, told } = context;
	const path = pathFor(ports.node, rowPath, told);
	const taken = takeTurn(context.turns, ports.clock.random());
	const link: Link = { source: source.id, turn: taken.turn, after: context.turns };
	context.turns = taken.turns;
	await ports.checkpoints.saveLink(source.id, { turns: taken.turns });

	const changes = sent.map(({ change }) => change);
	const results = await ports.transport.send(source, { node: ports.node, path, link, changes });
	context.turns = [taken.turn];
	context.blamed = 0;
	return results;
}

/** Whether the remote works but for this batch. Rejects with a RemoteError when it says that the link is out of step. */
async function isForTheBatch(context: SendContext, error: RemoteError): Promise<boolean> {
	const { ports, source } = context;
	if (error.kind === 'too_large') return true;
	if (NEVER.has(error.kind)) return false;
	if (error.kind === 'unreachable') {
		const { attempts } = (await ports.checkpoints.read(source.id)).health;
		if (attempts < UNREACHED_ATTEMPTS) return false;
	}

	try {
		await greet(context);
		return true;
	} catch (thrown) {
		if (thrown instanceof RemoteError && thrown.kind === 'out_of_step') throw thrown;
		return false;
	}
}

async function greet({ ports, source, turns }: SendContext): Promise<void> {
	// Each greeting under a link that starts over would make the remote start over as well.
	if (turns.length === 0) await ports.transport.info(source);
	else {
		const link: Link = { source: source.id, turn: null, after: turns };
		await ports.transport.send(source, { node: ports.node, path: [ports.node], link, changes: [] });
	}
}

/** Waiting may be enough. */
const mayPass = ({ kind }: RemoteError): boolean => kind === 'internal' || kind === 'unreachable';

function toResult(error: RemoteError): ChangeResult {
	const { kind, message } = error;
	if (kind === 'too_large') return { outcome: 'failed', code: 'too_large', message };
	const alone = `${message} It is this item alone: the remote answers otherwise.`;
	return mayPass(error)
		? { outcome: 'pending', code: 'internal', message: alone }
		: { outcome: 'failed', code: 'invalid_value', message: `${alone} Change the item, then resync.` };
}
