/**
 * An item's life as a causal length (Yu and Rostad, "A low-cost set CRDT based on causal lengths", 2020):
 * 0 never seen, 1 created, 2 deleted, 3 created again, … The larger wins. So a late update never brings back
 * a deleted item, and a deliberate re-creation always does.
 */
import type { Timestamp } from './timestamp.ts';

export type Life = number;

/** The stamp of an item's creation; null for items older than Data Sync on their node. */
export type Birth = Timestamp | null;

export const UNBORN: Life = 0;

export const isAlive = (life: Life): boolean => life % 2 === 1;

/** The life after the item was seen to exist, or not to exist, in its node's database. */
export function observe(life: Life, exists: boolean): Life {
	if (life === UNBORN) return exists ? 1 : 2;
	return isAlive(life) === exists ? life : life + 1;
}
