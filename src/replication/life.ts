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

/** The highest that is taken from others. What is deleted and created again by the hour gets there in sixty thousand years. */
export const MOST_LIFE = 2 ** 30;
/** By how much another's life may be above what is known here: a hundred years of the same. */
export const LIFE_JUMP = 2 ** 20;
/** The largest number that every database keeps in the column. */
const END = 2 ** 31 - 1;

/** Whether a life from elsewhere can be believed; one that can't would leave no room for a deletion or for the next item. */
export const isBelievable = (life: Life, known: Life): boolean => life <= MOST_LIFE && life - known <= LIFE_JUMP;

/** The life after the item was seen to exist, or not to exist, in its node's database. */
export function observe(life: Life, exists: boolean): Life {
	if (life === UNBORN) return exists ? 1 : 2;
	if (isAlive(life) === exists) return life;
	// An older version may have taken it from a peer: what can't be counted up must still be settled.
	return life >= END ? END - 1 - Number(exists) : life + 1;
}
