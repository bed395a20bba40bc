/** Cleaning in memory, as `src/feed/directus/retention.ts` does it. */

import type { RetentionPort } from '../../../src/feed/port.ts';
import { OWN_CHECKPOINT } from '../../../src/link/port.ts';
import { itemId } from '../../../src/replication/change.ts';
import { isAlive } from '../../../src/replication/life.ts';
import { feedKey, type Session } from './session.ts';

export function createMemoryRetention(session: Session): RetentionPort {
	return {
		// Of no interest to races: it changes once in an hour.
		forgotten: async () => session.store.data.forgotten,
		tombstones: ({ before, upTo, limit }) =>
			session.call('retention.tombstones', [], ({ feed, endedAt }) =>
				[...feed]
					.filter(([id, { seq, touched }]) => {
						const age = endedAt.get(id);
						return age !== undefined && age <= before && seq !== null && seq <= upTo && touched === null;
					})
					.map(([, row]) => row)
					.slice(0, limit),
			),
		collections: () =>
			session.call('retention.collections', [], ({ feed }) => [
				...new Set([...feed.values()].map(({ collection }) => collection)),
			]),
		rowsOf: (collection, after, limit) =>
			session.call('retention.rowsOf', [], ({ feed }) =>
				[...feed.values()]
					.filter((row) => row.collection === collection && row.item > after)
					.sort((a, b) => (a.item < b.item ? -1 : 1))
					.slice(0, limit),
			),
		drop: (rows, lives) => {
			const keys = rows.map(({ collection, item }) => feedKey(itemId(collection, item)));
			return session.call('retention.drop', keys, (data) => {
				const dropped = rows.filter(({ collection, item, rev }) => {
					const id = itemId(collection, item);
					if (data.feed.get(id)?.rev !== rev) return false;
					data.endedAt.delete(id);
					return data.feed.delete(id);
				});
				const deleted = dropped.filter(({ life }) => !isAlive(life));
				if (deleted.length === 0) return;
				const { forgotten } = data;
				const higher = Object.entries(lives).map(([name, life]) => [name, Math.max(life, forgotten.lives[name] ?? 0)]);
				data.forgotten = {
					...forgotten,
					seq: Math.max(forgotten.seq, ...deleted.map(({ seq }) => seq ?? 0)),
					lives: { ...forgotten.lives, ...Object.fromEntries(higher) },
				};
			});
		},
		noteUnlisted: (unlisted) =>
			session.call('retention.noteUnlisted', [], (data) => {
				data.forgotten = { ...data.forgotten, unlisted };
			}),
		dropOrphans: () =>
			session.call('retention.dropOrphans', [], ({ sources, checkpoints, deliveries }) => {
				const isGone = (source: string) => source !== OWN_CHECKPOINT && !sources.some(({ id }) => id === source);
				for (const source of checkpoints.keys()) if (isGone(source)) checkpoints.delete(source);
				for (const [id, { source }] of deliveries) if (isGone(source)) deliveries.delete(id);
			}),
	};
}
