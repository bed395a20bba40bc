/**
 * The merge under keys that nodes count up by themselves. There one key can be given to several items, told apart by their
 * births, and a deletion ends the item that it was made of and no other. So a state names, beside the item it holds, the
 * deleted ones that had the key, and these only become more. Of items that nobody has deleted one stays on each node, and
 * the others are refused there; once all but one are deleted, that one is everywhere.
 *
 * The life stays a causal length: the item that is left has one above the lives of those that it outlives, wherever two of
 * them meet.
 */
import { type Birth, isAlive, type Life, UNBORN } from './life.ts';
import { earlier, type Incoming, type ItemState, type Merge, merge } from './merge.ts';

/** A key has so many births at most; beyond that the earliest are forgotten, by all nodes alike. */
export const MOST_BURIED = 100;

type Held = Pick<Incoming, 'life' | 'born' | 'buried'>;

/** The deleted items that the state knows of, the last one included if it is gone. */
export function buriedIn({ life, born, buried = [] }: Held): readonly Birth[] {
	return life === UNBORN || isAlive(life) ? buried : bury(buried, born);
}

/** Adds an item that is deleted. */
export const bury = (buried: readonly Birth[] = [], born: Birth): readonly Birth[] => union(buried, [born]);

/** Whether the two states are different items that both live under one key. Equal births: the same item. */
export function isKeyConflict(local: Held, incoming: Held): boolean {
	return (
		isAlive(local.life) &&
		isAlive(incoming.life) &&
		local.born !== incoming.born &&
		!isEndedBy(local, incoming) &&
		!isEndedBy(incoming, local)
	);
}

/** What the remote's state changes in ours, unless they are a key conflict. */
export function mergeCounted(local: ItemState, incoming: Incoming): Merge {
	const ours = isAlive(local.life) && !isEndedBy(local, incoming);
	const theirs = isAlive(incoming.life) && !isEndedBy(incoming, local);
	const buried = [
		...(isAlive(local.life) && !ours ? [local.born] : []),
		...(isAlive(incoming.life) && !theirs ? [incoming.born] : []),
	].reduce<readonly Birth[]>(bury, union(buriedIn(local), buriedIn(incoming)));
	const merged = mergeItems(local, incoming, ours, theirs);
	const addsBirths = buried.length > buriedIn(incoming).length;
	const localContributes = merged.localContributes || addsBirths || merged.life !== incoming.life;
	return { ...merged, buried, localContributes };
}

function mergeItems(local: ItemState, incoming: Incoming, ours: boolean, theirs: boolean): Merge {
	const fields = Object.keys(incoming.fields);

	if (ours && theirs) {
		const life = Math.max(local.life, incoming.life);
		return { ...merge({ ...local, life }, { ...incoming, life }), life };
	}

	const nothing = { winners: [], superseded: isAlive(incoming.life) ? fields : [], localContributes: false };
	if (ours) return { ...nothing, life: outliving(local, incoming), born: local.born, stays: true };
	if (theirs) {
		const { born } = incoming;
		return { ...nothing, life: outliving(incoming, local), born, stays: false, winners: fields, superseded: [] };
	}

	const life = Math.max(ended(local.life), ended(incoming.life));
	return { ...nothing, life, born: lastBorn(local, incoming), stays: local.life !== UNBORN && !isAlive(local.life) };
}

/** Whether the other state knows that the item of this one has been deleted. */
function isEndedBy(item: Held, other: Held): boolean {
	if (buriedIn(other).includes(item.born)) return true;
	// One that names no deleted items, though it has had some, can only mean all of its earlier lives.
	const namesNone = (other.buried ?? []).length === 0;
	return item.born !== other.born && namesNone && isAlive(other.life) && other.life > item.life;
}

/** The least life of an item that lives on where the other state's does not. */
function outliving({ life }: Held, other: Held): Life {
	return Math.max(life, ended(other.life) + 1);
}

const ended = (life: Life): Life => (isAlive(life) ? life + 1 : life);

/** It tells nothing any more, but is to be the same everywhere. */
function lastBorn(local: Held, incoming: Held): Birth {
	const [a, b] = [local, incoming].map((each) => ended(each.life)) as [Life, Life];
	if (local.life === UNBORN || a < b) return incoming.born;
	return a > b ? local.born : earlier(local.born, incoming.born);
}

function union(a: readonly Birth[], b: readonly Birth[]): readonly Birth[] {
	const births = [...new Set([...a, ...b])].sort((one, other) => ((one ?? '') < (other ?? '') ? -1 : 1));
	return births.slice(-MOST_BURIED);
}
