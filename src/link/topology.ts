/** Who else is told, so that receivers forward to nobody twice. */

import type { NodeId } from '../replication/timestamp.ts';
import type { Listing } from '../sources/listing.ts';
import type { Source, SourcesDep } from '../sources/port.ts';
import { BATCH_LIMITS } from '../wire/batch.ts';
import type { CheckpointsDep } from './port.ts';
import { isKept, UNPROMISED } from './promises.ts';

export type Told = {
	/** The source's node; null until it is met. */
	receiver: NodeId | null;
	/** The source's node, and those that are sure to be told at least what it is told. */
	told: NodeId[];
	/** Those that may be told less; null where that may be anybody, as a source's node is not known at present. */
	less: NodeId[] | null;
};

/**
 * Who is told what `source` is told. A source with a filter or fewer events counts as told less: forwarding to it once
 * too often is harmless, once too seldom is not.
 */
export async function whoIsTold(ports: SourcesDep & CheckpointsDep, source: Source): Promise<Told> {
	const told: NodeId[] = [];
	let receiver: NodeId | null = null;
	const less: NodeId[] = [];
	let isAnybody = false;

	for (const other of await ports.sources.list()) {
		const checkpoint = await ports.checkpoints.read(other.id);
		const { node } = checkpoint.link;
		// A source whose configuration was changed has forgotten its node, which may be on paths of old.
		if (node === null && other.id !== source.id) isAnybody = true;
		if (node === null) continue;
		if (other.id === source.id) receiver = node;
		const isTold =
			other.id === source.id || (isKept(other, checkpoint.health) && covers(other.listing, source.listing));
		(isTold ? told : less).push(node);
	}

	return { receiver, told, less: isAnybody ? null : less.filter((node) => !told.includes(node)) };
}

/**
 * The path of a batch: of the nodes that need not be sent a row, those that have all that `source` is told of it. It names the
 * receiver, last, so that it is never cut off: a path without it takes back what was promised before.
 */
export function pathFor(node: NodeId, row: NodeId[], { receiver, told, less }: Told): NodeId[] {
	const others = (nodes: NodeId[]) => nodes.filter((each) => each !== receiver);
	if (row.includes(UNPROMISED)) return cutPath([...others(told), node]);
	const holders = row.filter((each) => told.includes(each) || (less !== null && !less.includes(each)));
	return cutPath([...others(holders), node, ...others(told), ...(receiver === null ? [] : [receiver])]);
}

/** Each node once, and the last of them where they are too many: who is on no path is only sent what they have. */
export const cutPath = (nodes: readonly NodeId[]): NodeId[] => [...new Set(nodes)].slice(-BATCH_LIMITS.path);

function covers(wide: Listing, narrow: Listing): boolean {
	return [...narrow.values()].every((entry) => {
		const other = wide.get(entry.collection);
		if (!other || other.filter !== null || other.events.length < 3) return false;
		return entry.fields.every((field) => other.fields.includes(field));
	});
}
