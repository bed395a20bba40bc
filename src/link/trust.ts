/**
 * Whether a node may be believed to have what it has acknowledged, and what the paths of rows say of it. While its link
 * starts over it may not: it may have been put back to an older state, or be told more now than it was before.
 */
import type { NodeId } from '../replication/timestamp.ts';
import type { Source } from '../sources/port.ts';
import { isFinished } from './fingerprint.ts';
import type { Checkpoint } from './port.ts';

export type Trust = (node: NodeId) => boolean;

export function trustIn(checkpoints: ReadonlyMap<Source, Checkpoint>): Trust {
	const doubted = new Set<NodeId>();
	let isAnybody = false;

	for (const [source, { progress, link }] of checkpoints) {
		if (progress.fingerprint.kind === 'none' || isFinished(progress.fingerprint, source)) continue;
		if (link.node !== null) doubted.add(link.node);
		else isAnybody ||= source.published;
	}

	return (node) => !isAnybody && !doubted.has(node);
}
