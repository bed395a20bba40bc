/** Judges the end of a soak: are all instances equal, and is every acknowledged write there that nothing later replaced? */
import { isDeepStrictEqual } from 'node:util';
import { itemId } from '../src/replication/change.ts';
import type { Item } from '../test/support/api.ts';
import { type History, type Journal, type Kill, TRACED, type Write } from './journal.ts';

/** How long a write may stay open after its answer before its stamp is fixed; then a marker's age. Milliseconds. */
const OPEN = 10_000;
const RECOVERY = 60_000;

/** The items of one instance by `itemId`. */
export type Content = ReadonlyMap<string, Item>;

export type Difference = { id: string; sentence: string };

/** The items that are not the same on all instances. */
export function differences(contents: readonly Content[], names: readonly string[]): Difference[] {
	const ids = new Set(contents.flatMap((content) => [...content.keys()]));
	return [...ids].flatMap((id) => {
		const versions = contents.map((content) => content.get(id));
		if (versions.every((version) => isDeepStrictEqual(version, versions[0]))) return [];
		const told = versions.map((version, index) => `${names[index]}: ${JSON.stringify(version ?? null)}`);
		return [{ id, sentence: `${nameOf(id)} differs: ${told.join(' | ')}` }];
	});
}

/** One sentence per acknowledged write that is missing from the content without anything that could have replaced it. */
export function losses(content: Content, journal: Journal): string[] {
	return [...journal.histories].flatMap(([id, history]) => {
		const item = content.get(id);
		if (!item) return missing(history);
		return [
			...resurrected(history),
			...(TRACED[history.collection] ?? []).flatMap((field) => lostWrites(history, field, item[field], journal.kills)),
		];
	});
}

function missing({ collection, item, creations, deletions }: History): string[] {
	const wasCreated = creations.some(({ answered }) => answered !== null);
	return wasCreated && deletions.length === 0 ? [`${collection} ${item} was created, never deleted, and is gone`] : [];
}

function resurrected({ collection, item, creations, deletions }: History): string[] {
	if (creations.length > 1) return [];
	const acknowledged = deletions.find(({ answered }) => answered !== null);
	return acknowledged ? [`${collection} ${item} was deleted, never created again, and is there`] : [];
}

function lostWrites(history: History, field: string, value: unknown, kills: Kill[]): string[] {
	const { collection, item, writes, creations } = history;
	const own = writes.filter(({ values }) => Object.hasOwn(values, field));
	const winner = own.find(({ values }) => values[field] === value);
	const name = `${field} of ${collection} ${item}`;
	// A key that was created more than once starts each life with defaults, and lives overrule stamps.
	if (creations.length > 1)
		return winner || value === null ? [] : [`${name} is ${JSON.stringify(value)}, which nobody wrote`];
	if (!winner)
		return value === null && own.every(({ answered }) => answered === null)
			? []
			: [`${name} is ${JSON.stringify(value)}, which nobody wrote`];

	const latest = stampedUntil(winner, writes, kills);
	return own
		.filter((write) => write !== winner && write.answered !== null && write.sent > latest)
		.map(({ values }) => `${name} is ${JSON.stringify(value)}; the later ${JSON.stringify(values[field])} was lost`);
}

/**
 * The latest moment that a write can be stamped with. It may be settled together with later edits of its item on its
 * instance, or be recovered after a kill; then it counts as written at that later time.
 */
function stampedUntil(winner: Write, writes: Write[], kills: Kill[]): number {
	let until = settledBy(winner, kills);

	for (let grows = true; grows; ) {
		const joined = writes.filter(({ instance, sent }) => instance === winner.instance && sent <= until + OPEN);
		const later = Math.max(until, ...joined.map((write) => settledBy(write, kills)));
		grows = later > until;
		until = later;
	}

	return until;
}

function settledBy({ instance, sent, answered }: Write, kills: Kill[]): number {
	const open = (answered ?? sent) + OPEN;
	const after = kills.filter((kill) => kill.instance === instance && kill.at >= sent && kill.at <= open);
	return Math.max(answered ?? open, ...after.map(({ up }) => up + RECOVERY));
}

const nameOf = (id: string): string => id.split(itemId('', '')).join(' ');
