/**
 * Which superseded writes were conflicts: concurrent ones, whose writers had not seen each other's value. The merge
 * decides by stamps alone, and to it a concurrent write looks like an old one that is sent again. What tells them apart is
 * what a write remembers of its field: the last value *of another node* that it, or an earlier write of its node in a row,
 * has replaced. A writer that had the loser before it, or a later value, remembers a stamp that is not smaller.
 *
 * Between two nodes this is exact. Among more it never reports what is no conflict, and may miss one where the winner
 * came after a third node's write that had itself won over the loser.
 */
import { isAlive, type Life } from './life.ts';
import type { ItemState } from './merge.ts';
import type { Ended, FieldStamp, Seen, Stamps } from './stamps.ts';
import { maxTimestamp, type NodeId, type Timestamp, timestampToNode, UNWRITTEN } from './timestamp.ts';

export type Conflict = {
	/** Null: a deletion and edits that it did not know of; `loser` is the latest of these. */
	field: string | null;
	winner: Timestamp;
	loser: Timestamp;
};

type Write = Seen & { at: Timestamp };

type Incoming<T extends Write> = { life: Life; fields: Readonly<Record<string, T>>; ended?: Ended | null | undefined };

/** What a write at the stamp `at` has seen, over the stamp that its field had before. */
export function seenBy(at: Timestamp, before: FieldStamp | undefined): Timestamp | null {
	if (before === undefined || before.at === UNWRITTEN) return null;
	return timestampToNode(before.at) === timestampToNode(at) ? (before.over ?? null) : before.at;
}

export const seenByDeletion = (at: Timestamp, before: Stamps): Timestamp | null =>
	Object.values(before)
		.map((stamp) => seenBy(at, stamp))
		.reduce(maxTimestamp, null);

/**
 * The conflicts that an incoming state brings: between a write of this node, whose editor may miss it or be asked about
 * it, and one of another. What is not known to be an edit, such as content from before the install, is in none.
 * @param isSame whether the incoming value of a field is what we have
 */
export function conflictsWith<T extends Write>(
	node: NodeId,
	local: ItemState,
	incoming: Incoming<T>,
	isSame: (field: string, write: T) => boolean,
): Conflict[] {
	if (local.life !== incoming.life) return deletionConflict(node, local, incoming);
	if (!isAlive(local.life)) return [];
	const conflicts: Conflict[] = [];

	for (const [field, theirs] of Object.entries(incoming.fields)) {
		const ours = Object.hasOwn(local.stamps, field) ? local.stamps[field] : undefined;
		if (!ours || !isEdit(ours) || !isEdit(theirs) || !isOf(node, ours) || isOf(node, theirs)) continue;
		const [winner, loser] = ours.at > theirs.at ? [ours, theirs] : [theirs, ours];
		if ((winner.over ?? UNWRITTEN) >= loser.at || isSame(field, theirs)) continue;
		conflicts.push({ field, winner: winner.at, loser: loser.at });
	}

	return conflicts;
}

/** A deletion of one side, and an edit of the other in the life that it ended. */
function deletionConflict<T extends Write>(node: NodeId, local: ItemState, incoming: Incoming<T>): Conflict[] {
	const isOurs = local.life > incoming.life;
	const [dead, living] = isOurs ? [local, incoming] : [incoming, local];
	if (!dead.ended || !isAlive(living.life) || dead.life !== living.life + 1) return [];
	if (isOf(node, dead.ended) !== isOurs) return [];

	const writes: Write[] = Object.values(isOurs ? incoming.fields : local.stamps);
	const edits = writes.filter((write) => isEdit(write) && isOf(node, write) !== isOurs);
	const loser = edits.map(({ at }) => at).reduce<Timestamp | null>(maxTimestamp, null);
	if (loser === null || loser <= (dead.ended.over ?? UNWRITTEN)) return [];
	return [{ field: null, winner: dead.ended.at, loser }];
}

/** Content from before the install, or from before Data Sync could tell, is no edit. */
const isEdit = (write: Write): boolean => write.over !== undefined;
const isOf = (node: NodeId, write: Write): boolean => timestampToNode(write.at) === node;
