/** Marks items for comparison: one upsert for many, whatever the feed knows of them. */
import type { Knex } from 'knex';
import type { Ref } from '../../content/port.ts';
import { TABLES } from '../../directus/tables.ts';
import { itemId } from '../../replication/change.ts';
import { chunks } from '../../replication/paging.ts';
import type { Forgotten, Touch, TouchOptions } from '../port.ts';
import { readForgotten } from './forgotten.ts';
import type { ChangesRow } from './row.ts';
import { selectRows } from './select-rows.ts';
import { existing, proposed } from './upsert.ts';

export async function touchItems(knex: Knex, touches: Touch[], options: TouchOptions = {}): Promise<void> {
	const wanted = inKeyOrder(options.onlyKnown ? await keepKnown(knex, touches) : touches);
	const lives = wanted.some(({ created }) => created) ? (await readForgotten(knex)).lives : {};

	for (const part of chunks(wanted)) {
		await knex<ChangesRow>(TABLES.changes)
			.insert(part.map((touch) => toTouchedRow(touch, lives)))
			.onConflict(['collection', 'item'])
			.merge({
				touched: knex.raw(later(existing(knex, 'touched'), proposed(knex, 'touched'))),
				// An item that lives keeps its birth: deleting and re-creating it before it was settled is an edit.
				born: knex.raw(
					`case when ${existing(knex, 'life')} % 2 = 1 then ${existing(knex, 'born')} else coalesce(${proposed(knex, 'born')}, ${existing(knex, 'born')}) end`,
				),
				rev: knex.raw(`${existing(knex, 'rev')} + 1`),
				...(options.again && { seq: null, path: options.path?.join(',') ?? null }),
			} as object);
	}
}

/** Locks are always taken in this order, so that two writers never wait for each other. */
export const inKeyOrder = <T extends Ref>(refs: T[]): T[] =>
	[...refs].sort((a, b) => compare(a.collection, b.collection) || compare(a.item, b.item));

async function keepKnown(knex: Knex, touches: Touch[]): Promise<Touch[]> {
	const known = new Set((await selectRows(knex, touches)).map((row) => itemId(row.collection, row.item)));
	return touches.filter((touch) => known.has(itemId(touch.collection, touch.item)));
}

/** @param lives of deletions that were dropped: a new item may be one of these that is created again */
const toTouchedRow = ({ collection, item, at, created }: Touch, lives: Forgotten['lives']): ChangesRow => ({
	collection,
	item,
	seq: null,
	touched: at,
	rev: 0,
	life: created && Object.hasOwn(lives, collection) ? (lives[collection] ?? 0) : 0,
	born: created ? at : null,
	stamps: '{}',
	path: null,
});

const later = (a: string, b: string): string => `case when ${a} > ${b} then ${a} else ${b} end`;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
