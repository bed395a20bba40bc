/** A row of `data_sync_changes` and the feed row it stands for. */

import { type BigInt64, toNumberOrNull } from '../../directus/tables.ts';
import { isAlive, UNBORN } from '../../replication/life.ts';
import { decodeBuried, decodeEnded, decodeStamps, encodeStamps } from '../../replication/stamps.ts';
import type { NodeId, Timestamp } from '../../replication/timestamp.ts';
import type { FeedRow } from '../port.ts';

export type ChangesRow = {
	collection: string;
	item: string;
	seq: BigInt64 | null;
	touched: Timestamp | null;
	rev: number;
	life: number;
	born: Timestamp | null;
	stamps: string;
	path: string | null;
	/** Milliseconds: since when the item is known here to be deleted; null while it lives, and until that is settled. */
	ended_at?: BigInt64 | null;
	passes?: string | null;
};

export const fromRow = (row: ChangesRow): FeedRow => ({
	collection: row.collection,
	item: row.item,
	seq: toNumberOrNull(row.seq),
	touched: row.touched,
	rev: row.rev,
	life: row.life,
	born: row.born,
	buried: decodeBuried(row.stamps),
	stamps: decodeStamps(row.stamps),
	...(row.life > UNBORN && !isAlive(row.life) && { ended: decodeEnded(row.stamps) }),
	path: row.path ? (row.path.split(',') as NodeId[]) : [],
	...(row.passes && { passes: row.passes }),
});

export const toRow = (row: FeedRow): ChangesRow => ({
	collection: row.collection,
	item: row.item,
	seq: row.seq,
	touched: row.touched,
	rev: row.rev,
	life: row.life,
	born: row.born,
	stamps: encodeStamps(row.stamps, isAlive(row.life) ? null : row.ended, row.buried),
	path: row.path.length > 0 ? row.path.join(',') : null,
	passes: row.passes ?? null,
});
