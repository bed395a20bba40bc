/**
 * Composes what a source is to be told of feed rows: only listed collections and fields, only items its filter lets
 * through, and only values that still are what their stamps say.
 */

import { groupByCollection } from '../content/group.ts';
import type { CollectionShape, ItemsDep, Values } from '../content/port.ts';
import { isNameIn, nameOf } from '../content/singleton.ts';
import { withEmails } from '../content/users.ts';
import type { ClockDep } from '../directus/port.ts';
import { isWhole, matchesStamps } from '../feed/compare.ts';
import { hasPassed } from '../feed/passes.ts';
import type { FeedDep, FeedRow } from '../feed/port.ts';
import { suspectTouch } from '../feed/touch.ts';
import type { Change, ChangeMode, FieldWrite } from '../replication/change.ts';
import { isAlive } from '../replication/life.ts';
import { DEEPEST, isTooDeep } from '../replication/nesting.ts';
import { type NodeId, UNWRITTEN } from '../replication/timestamp.ts';
import type { Listing, ListingEntry } from '../sources/listing.ts';
import type { Source } from '../sources/port.ts';
import { BATCH_LIMITS } from '../wire/batch.ts';
import type { ChangeResult } from '../wire/result.ts';
import { tellOnMissing } from './on-missing.ts';

export type ComposeDeps = FeedDep & ItemsDep & ClockDep;

/** A row and the change to send for it; null when the source is not to be told, or when no remote could be: then `refused` says why. */
export type Composed = { row: FeedRow; change: Change | null; refused?: ChangeResult };

export type ComposeOptions = {
	/** Items that wait for each other, see rings.ts. */
	ring?: ReadonlySet<string>;
	/** What the remote is sent, where that is not what is composed by. */
	targets?: Listing;
};

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Composes changes for the rows, in their order. A row whose item has changed since it was settled is touched instead
 * of sent: it comes again with a new seq, also where it has been set back by then.
 * @param receiver the remote's node id; rows that it has already are left out
 */
export async function compose(
	ports: ComposeDeps,
	source: Source,
	rows: FeedRow[],
	receiver: NodeId | null,
	{ ring = NOBODY, targets = source.listing }: ComposeOptions = {},
): Promise<Composed[]> {
	const changes = new Map<FeedRow, Change>();

	for (const [collection, group] of groupByCollection(rows)) {
		const entry = source.listing.get(collection);
		const shape = entry && (await ports.items.shape(collection));
		if (!entry || !shape) continue;
		const fields = entry.fields.filter((field) => shape.fields.has(field));
		// A field that is listed since lately has no stamp yet, so that nobody can have it.
		const isNews = (row: FeedRow) => isAlive(row.life) && fields.some((field) => row.stamps[field] === undefined);
		const named = group.filter((row) => isNameIn(shape, row.item));
		const wanted = named.filter((row) => receiver === null || !row.path.includes(receiver) || isNews(row));
		if (wanted.length === 0) continue;
		const composed = [...(await composeGroup(ports, { ...entry, fields }, shape, wanted))];
		const plain = composed.map(([, change]) => change);
		const told = await tellOnMissing(ports.items, targets, entry, shape, plain, ring);
		for (const [index, [row, change]] of composed.entries()) changes.set(row, told[index] ?? change);
	}

	return rows.map((row) => sendable(row, changes.get(row) ?? null));
}

/** What can't be put on the wire is refused here, as a remote would refuse it: alone. */
function sendable(row: FeedRow, change: Change | null): Composed {
	if (change && row.item.length > BATCH_LIMITS.item) {
		const message = `${row.collection} ${row.item.slice(0, 50)}… is not sent: its key is longer than ${BATCH_LIMITS.item} characters, and no such key travels. Create it again under a shorter one.`;
		return { row, change: null, refused: { outcome: 'failed', code: 'invalid_value', message } };
	}
	const deep = Object.entries(change?.fields ?? {}).find(([, { value }]) => isTooDeep(value));
	if (!deep) return { row, change };
	const message = `${nameOf(row)} is not sent: its field "${deep[0]}" is nested more than ${DEEPEST} levels deep. Make it flatter; it is sent then.`;
	return { row, change: null, refused: { outcome: 'failed', code: 'invalid_value', message } };
}

/** The same change with its values, for an item the remote has turned out to have. */
export const afterProbe = async (ports: ComposeDeps, source: Source, rows: FeedRow[]): Promise<Composed[]> => {
	const unfiltered = new Map([...source.listing].map(([name, entry]) => [name, { ...entry, filter: null }]));
	const composed = await compose(ports, { ...source, listing: unfiltered }, rows, null, { targets: source.listing });
	return composed.map((each) => ({ ...each, change: each.change && { ...each.change, mode: 'update' } }));
};

/** @param entry lists fields that the collection has */
async function composeGroup(
	ports: ComposeDeps,
	entry: ListingEntry,
	shape: CollectionShape,
	rows: FeedRow[],
): Promise<Map<FeedRow, Change>> {
	const { fields } = entry;
	const items = rows.map((row) => row.item);
	const values = await ports.items.read(shape, items, fields);
	const passing = entry.filter === null ? null : await ports.items.matching(shape, items, entry.filter);
	const composed = new Map<FeedRow, Change>();
	const changed: FeedRow[] = [];
	const unready: FeedRow[] = [];
	const left: FeedRow[] = [];

	for (const row of rows) {
		const current = values.get(row.item) ?? null;
		const passes = passing === null || passing.has(row.item);
		const mode = modeFor(entry, row, passes);
		if (!passes && isAlive(row.life) && entry.filter && hasPassed(row, entry.filter)) left.push(row);
		if (current !== null && !isWhole(current, fields)) unready.push(row);
		else if (!matchesStamps(row, shape, current, fields)) changed.push(row);
		else if (mode !== null) composed.set(row, toChange(row, mode, current, fields));
	}

	// An item that has left the filter unnoticed could not be seen to enter it again, which may be happening right now. What
	// has changed may be set back before it is settled, and nothing need differ once a file can be told: then only a new seq
	// brings them back to the sources that pass them by now.
	const again = [...new Set([...left, ...changed, ...unready])];
	if (again.length > 0) await touchAgain(ports, again);
	return withEmails(ports, shape, composed);
}

function modeFor(entry: ListingEntry, row: FeedRow, passes: boolean): ChangeMode | null {
	if (!isAlive(row.life)) return entry.events.includes('delete') ? 'upsert' : null;
	const mayCreate = entry.events.includes('create') && passes;
	const mayUpdate = entry.events.includes('update');
	if (mayCreate) return mayUpdate ? 'upsert' : 'create';
	return mayUpdate ? 'probe' : null;
}

function toChange(row: FeedRow, mode: ChangeMode, values: Values | null, fields: string[]): Change {
	const writes: Record<string, FieldWrite> = {};

	if (values !== null && mode !== 'probe') {
		for (const field of fields) {
			const stamp = row.stamps[field];
			if (!stamp || stamp.at === UNWRITTEN) continue;
			const { at, over, sent } = stamp;
			writes[field] = { at, ...(sent ?? { value: values[field] ?? null }), ...(over !== undefined && { over }) };
		}
	}

	const ended = !isAlive(row.life) && row.ended ? { ended: row.ended } : {};
	const { collection, item, life, born, buried = [] } = row;
	return { collection, item, life, born, ...(buried.length > 0 && { buried }), fields: writes, ...ended, mode };
}

/** An edit that waits to be settled keeps its stamp. */
async function touchAgain(ports: ComposeDeps, rows: FeedRow[]): Promise<void> {
	const touches = rows.map((row) => suspectTouch(row, row.touched ?? ports.clock.stamp()));
	await ports.feed.touch(touches, { again: true });
}
