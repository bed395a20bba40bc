/** An editor at work on one instance by its REST API: creates, edits, deletes, alone and in bulk. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Item } from '../test/support/api.ts';
import type { Instance } from '../test/support/instance.ts';
import type { Journal, Span } from './journal.ts';
import type { Random } from './random.ts';

export type Counts = {
	creates: number;
	updates: number;
	deletes: number;
	bulk: number;
	refused: number;
	broken: number;
};

export const noCounts = (): Counts => ({ creates: 0, updates: 0, deletes: 0, bulk: 0, refused: 0, broken: 0 });

export type Known = { collection: string; item: string };

/** What all editors know of; items may be gone by the time they are edited. */
export type Desk = { journal: Journal; random: Random; items: Known[]; counts: Counts };

/** Names that two instances may well give to a page at the same time, and give again after a deletion. */
const SLUGS = Array.from({ length: 12 }, (_, index) => `page-${index}`);
const MOST_ITEMS = 400;
const PAUSE = 120;

let counter = 0;

/**
 * Directus answers an update with the item as it is afterwards, also where the update has hit nothing as the item was not
 * there yet: only an answer that shows the edit is an acknowledgement of it.
 */
const seenIn = (item: Item | undefined, edit: Item, span: Span): Span =>
	Object.entries(edit).every(([field, value]) => typeof value === 'object' || item?.[field] === value)
		? span
		: { ...span, answered: null };

export type Editor = ReturnType<typeof createEditor>;

export function createEditor(instance: Instance, index: number, desk: Desk) {
	const { journal, random, counts } = desk;

	const values = (collection: string): Item => {
		counter += 1;
		const title = `${instance.name} ${counter}`;
		if (collection === 'authors') return { name: title };
		if (collection === 'pages') return { title };
		const all: Item = {
			title,
			body: `${title} ${'x'.repeat(random.integer(0, 2_000))}`,
			rating: counter,
			featured: random.next() < 0.5,
			tags: { edit: counter, by: instance.name },
		};
		const some = Object.entries(all).filter(() => random.next() < 0.5);
		return some.length > 0 ? Object.fromEntries(some) : { title };
	};

	/** Null when the request broke off; nothing is noted when it was refused. */
	const ask = async (method: string, path: string, body?: unknown) => {
		const sent = Date.now();
		try {
			const { status, body: answer } = await instance.api<{ data?: Item | Item[] } | undefined>(method, path, body);
			const ok = status >= 200 && status < 300;
			if (!ok) counts.refused += 1;
			const items = [answer?.data ?? []].flat();
			// A server error may come after the commit; whether it was written is not known then.
			return { done: ok || status >= 500, items, span: { instance: index, sent, answered: ok ? Date.now() : null } };
		} catch {
			counts.broken += 1;
			return { done: true, items: [], span: { instance: index, sent, answered: null } satisfies Span };
		}
	};

	const create = async (collection: string, count: number): Promise<void> => {
		const items = Array.from({ length: collection === 'pages' ? 1 : count }, () => {
			const key = collection === 'pages' ? random.pick(SLUGS) : randomUUID();
			return { key, values: { ...values(collection), ...(collection === 'articles' && author()) } };
		});
		const keyField = collection === 'pages' ? 'slug' : 'id';
		const bodies = items.map((each) => ({ ...each.values, [keyField]: each.key }));
		const { done, span } = await ask('POST', `/items/${collection}`, bodies.length === 1 ? bodies[0] : bodies);
		if (!done) return;
		if (items.length > 1) counts.bulk += 1;
		for (const each of items) {
			counts.creates += 1;
			journal.created(collection, each.key, span, each.values);
			if (!desk.items.some(({ collection: of, item }) => of === collection && item === each.key)) {
				desk.items.push({ collection, item: each.key });
			}
		}
	};

	const author = (): Item => {
		const authors = desk.items.filter(({ collection }) => collection === 'authors');
		return authors.length > 0 && random.next() < 0.5 ? { author: random.pick(authors).item } : {};
	};

	const update = async ({ collection, item }: Known): Promise<void> => {
		const edit = { ...values(collection), ...(collection === 'articles' && random.next() < 0.1 && author()) };
		const { done, items, span } = await ask('PATCH', `/items/${collection}/${item}`, edit);
		if (!done) return;
		counts.updates += 1;
		journal.updated(collection, item, seenIn(items[0], edit, span), edit);
	};

	const updateMany = async (): Promise<void> => {
		const articles = desk.items.filter(({ collection }) => collection === 'articles');
		if (articles.length < 3) return;
		const chosen = new Set(Array.from({ length: random.integer(2, 12) }, () => random.pick(articles).item));
		const edits = [...chosen].map((id) => ({ id, ...values('articles') }));
		const { done, items, span } = await ask('PATCH', '/items/articles', edits);
		if (!done) return;
		counts.bulk += 1;
		const written = new Map(items.map((item) => [item.id, item]));
		for (const { id, ...edit } of edits) {
			counts.updates += 1;
			journal.updated('articles', id, seenIn(written.get(id), edit, span), edit);
		}
	};

	const remove = async ({ collection, item }: Known): Promise<void> => {
		// Directus says 204 to the deletion of what is not there, and nothing has been deleted then.
		const { items } = await ask('GET', `/items/${collection}/${item}`);
		if (items.length === 0) return;
		const { done, span } = await ask('DELETE', `/items/${collection}/${item}`);
		if (!done) return;
		counts.deletes += 1;
		journal.deleted(collection, item, span);
		if (collection !== 'pages') desk.items = desk.items.filter((known) => known.item !== item);
	};

	const act = async (): Promise<void> => {
		const dice = random.next();
		const full = desk.items.length >= MOST_ITEMS;
		if (desk.items.length < 10 || (!full && dice < 0.25)) {
			const collection = random.pick(['articles', 'articles', 'authors', 'pages']);
			await create(collection, random.next() < 0.15 ? random.integer(2, 25) : 1);
		} else if (dice < 0.35) await updateMany();
		else if (dice < 0.45) await remove(random.pick(desk.items));
		else await update(random.pick(desk.items));
	};

	return {
		update,
		/** Works until told to stop; while the instance is down it waits for it. */
		work: async (signal: AbortSignal): Promise<void> => {
			while (!signal.aborted) {
				if (instance.running) await act();
				await pause(random.integer(0, PAUSE * 2), undefined, { signal }).catch(() => undefined);
			}
		},
	};
}
