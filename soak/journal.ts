/**
 * What the editors did and what they were answered: the evidence that the end is judged by. A request that broke off
 * (the instance was killed) may have been written or not; both are right.
 */

import { itemId } from '../src/replication/change.ts';
import type { Item } from '../test/support/api.ts';

/** Milliseconds since 1970; `answered` is null when no answer came. */
export type Span = { instance: number; sent: number; answered: number | null };

/** By collection, the fields that only ever get values nobody else writes, so that a value names its write. */
export const TRACED: Readonly<Record<string, readonly string[]>> = {
	articles: ['title', 'body', 'rating'],
	authors: ['name'],
	pages: ['title'],
};

export type Write = Span & { values: Item };

export type History = {
	collection: string;
	item: string;
	/** Creations are writes as well. */
	writes: Write[];
	creations: Span[];
	deletions: Span[];
};

/** From the kill until the instance answered again; `up` is Infinity until then. */
export type Kill = { instance: number; at: number; up: number };

export type Journal = {
	histories: Map<string, History>;
	kills: Kill[];
	created: (collection: string, item: string, span: Span, values: Item) => void;
	updated: (collection: string, item: string, span: Span, values: Item) => void;
	deleted: (collection: string, item: string, span: Span) => void;
};

export function createJournal(): Journal {
	const histories = new Map<string, History>();

	const historyOf = (collection: string, item: string): History => {
		const id = itemId(collection, item);
		const history = histories.get(id) ?? { collection, item, writes: [], creations: [], deletions: [] };
		histories.set(id, history);
		return history;
	};
	return {
		histories,
		kills: [],
		created: (collection, item, span, values) => {
			const history = historyOf(collection, item);
			history.creations.push(span);
			history.writes.push({ ...span, values });
		},
		updated: (collection, item, span, values) => {
			historyOf(collection, item).writes.push({ ...span, values });
		},
		deleted: (collection, item, span) => {
			historyOf(collection, item).deletions.push(span);
		},
	};
}
