/** The feed in memory, statement by statement as `src/feed/directus` has it. */

import type { Ref } from '../../../src/content/port.ts';
import type { ClockPort } from '../../../src/directus/port.ts';
import type { FeedPort, FeedRow, SettledRow, Touch, TouchOptions } from '../../../src/feed/port.ts';
import { itemId } from '../../../src/replication/change.ts';
import type { Digest } from '../../../src/replication/digest.ts';
import { isAlive } from '../../../src/replication/life.ts';
import { maxTimestamp, type Timestamp } from '../../../src/replication/timestamp.ts';
import type { Database } from './database.ts';
import { feedKey, type Session } from './session.ts';

export function createMemoryFeed(session: Session, clock: ClockPort): FeedPort {
	const select = (keep: (row: FeedRow) => boolean) =>
		session.call('feed.select', [], ({ feed }) => [...feed.values()].filter(keep));

	return {
		touch: (touches, options = {}) =>
			session.call('feed.touch', keysOf(touches), (data) => {
				for (const touch of touches) touchRow(data, touch, options);
			}),
		introduce: (rows) =>
			session.call('feed.introduce', keysOf(rows), ({ feed }) => {
				for (const row of rows) {
					const id = itemId(row.collection, row.item);
					if (!feed.has(id)) feed.set(id, { ...row, seq: null, rev: 0 });
				}
			}),
		remember: (rows) =>
			session.call('feed.remember', keysOf(rows), ({ feed }) => {
				for (const { stamps, ...row } of rows) {
					const id = itemId(row.collection, row.item);
					const current = feed.get(id);
					if (current?.rev === row.rev) feed.set(id, { ...current, stamps, rev: row.rev + 1 });
				}
			}),
		settle: (settled) =>
			session.call('feed.settle', keysOf(settled.map(({ row }) => row)), (data) => settleRows(data, settled, clock)),
		read: (refs) =>
			session.call('feed.read', [], ({ feed }) =>
				refs.flatMap(({ collection, item }) => feed.get(itemId(collection, item)) ?? []),
			),
		referring: async (collection, field, digests) => (await select(refersTo(collection, field, digests))).map(toRef),
		unsettled: async (limit, without = []) =>
			(await select((row) => (row.seq === null || row.touched !== null) && ![...without].includes(row.collection)))
				.sort(byTouch)
				.slice(0, limit),
		after: async (seq, limit) => (await select((row) => row.seq !== null && row.seq > seq)).sort(bySeq).slice(0, limit),
		countAfter: async (seq, upTo, collections) =>
			(
				await select(
					(row) => row.seq !== null && row.seq > seq && row.seq <= upTo && collections.includes(row.collection),
				)
			).length,
		head: () => session.call('feed.head', [], ({ lastSeq }) => lastSeq),
		backlog: () =>
			session.call('feed.backlog', [], ({ feed, markers }) => {
				const unsettled = new Map<string, number>();
				for (const { collection, seq, touched } of feed.values()) {
					if (seq === null || touched !== null) unsettled.set(collection, (unsettled.get(collection) ?? 0) + 1);
				}
				return { unnoted: markers.size, unsettled };
			}),
	};
}

const keysOf = (refs: { collection: string; item: string }[]): string[] =>
	refs.map(({ collection, item }) => feedKey(itemId(collection, item)));

export const refersTo =
	(collection: string, field: string, digests: Digest[]) =>
	(row: FeedRow): boolean =>
		row.collection === collection &&
		isAlive(row.life) &&
		row.stamps[field] !== undefined &&
		digests.includes(row.stamps[field].digest);

export const toRef = ({ collection, item }: Ref): Ref => ({ collection, item });

export function touchRow(
	{ feed, forgotten }: Pick<Database, 'feed' | 'forgotten'>,
	{ collection, item, at, created }: Touch,
	options: TouchOptions,
): void {
	const id = itemId(collection, item);
	const row = feed.get(id);
	const birth = created ? at : null;

	if (row) {
		feed.set(id, {
			...row,
			touched: maxTimestamp<Timestamp | null>(row.touched, at),
			born: isAlive(row.life) ? row.born : (birth ?? row.born),
			rev: row.rev + 1,
			...(options.again && { seq: null, path: options.path ?? [] }),
		});
	} else if (!options.onlyKnown) {
		const life = created && Object.hasOwn(forgotten.lives, collection) ? (forgotten.lives[collection] ?? 0) : 0;
		feed.set(id, { collection, item, seq: null, touched: at, rev: 0, life, born: birth, stamps: {}, path: [] });
	}
}

function settleRows(data: Database, settled: SettledRow[], clock: ClockPort): void {
	data.clock = clock.stamp();

	for (const { row, number } of settled) {
		if (number) data.lastSeq += 1;
		const id = itemId(row.collection, row.item);
		const current = data.feed.get(id);
		if (current?.rev !== row.rev) continue;
		const seq = number ? data.lastSeq : row.seq;
		if (isAlive(row.life)) data.endedAt.delete(id);
		else if (!data.endedAt.has(id)) data.endedAt.set(id, clock.now());
		data.feed.set(id, { ...row, seq, touched: null, rev: row.rev + 1 });
	}
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
const bySeq = (a: FeedRow, b: FeedRow): number => compare(a.seq ?? 0, b.seq ?? 0);
const byTouch = (a: FeedRow, b: FeedRow): number =>
	compare(a.touched ?? '', b.touched ?? '') || compare(a.collection, b.collection) || compare(a.item, b.item);
