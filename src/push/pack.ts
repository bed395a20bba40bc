/** Packs composed changes into batches that the receiver will take. */

import type { Change } from '../replication/change.ts';
import type { NodeId } from '../replication/timestamp.ts';
import { encodeChange } from '../wire/batch.ts';
import type { Composed } from './compose.ts';

/** Changes that travel together, because they have the same path and fit the receiver's limits. */
export type Packed = { rows: Composed[]; changes: Change[]; path: NodeId[] };

export type PackLimits = { bytes: number; changes: number };

/** Room for the batch around its changes. */
const ENVELOPE = 4096;

/**
 * Keeps the order, so that a batch's last row is what its acknowledgement reaches to. A change that is too large by
 * itself still gets its batch: the receiver's refusal is what the users are shown.
 */
export function pack(composed: Composed[], limits: PackLimits): Packed[] {
	const packs: Packed[] = [];
	let bytes = 0;

	for (const each of composed) {
		const size = each.change === null ? 0 : changeBytes(each.change);
		let open = packs.at(-1);

		if (!open || (each.change !== null && isFullFor(open, each, bytes + size, limits))) {
			open = { rows: [], changes: [], path: each.row.path };
			packs.push(open);
			bytes = 0;
		}

		open.rows.push(each);
		if (each.change === null) continue;
		if (open.changes.length === 0) open.path = each.row.path;
		open.changes.push(each.change);
		bytes += size;
	}

	return packs;
}

function isFullFor(open: Packed, { row }: Composed, bytes: number, limits: PackLimits): boolean {
	if (open.changes.length === 0) return false;
	return open.changes.length >= limits.changes || bytes > limits.bytes - ENVELOPE || !samePath(open.path, row.path);
}

export const changeBytes = (change: Change): number => Buffer.byteLength(JSON.stringify(encodeChange(change))) + 1;

const samePath = (a: NodeId[], b: NodeId[]): boolean => a.length === b.length && a.every((node) => b.includes(node));
