/**
 * Tells editors of conflicts where they look: one comment per item, by the Data Sync user, rewritten at the item's next
 * conflict. Nobody is notified. Bounded per hour; what goes beyond that is counted in the status and not commented on.
 */

import type { ApiExtensionContext } from '@directus/types';
import { groupBy } from 'es-toolkit';
import type { Knex } from 'knex';
import { USER_ID } from '../../../schema.ts';
import { readItems } from '../../content/directus/items.ts';
import { singletonKey } from '../../content/directus/singleton-rows.ts';
import { toShape } from '../../content/directus/to-shape.ts';
import { SINGLETON } from '../../content/singleton.ts';
import type { ClockDep, NodeDep } from '../../directus/port.ts';
import { TABLES } from '../../directus/tables.ts';
import type { CheckpointsDep } from '../../link/port.ts';
import { itemId } from '../../replication/change.ts';
import { chunks, PAGE_SIZE } from '../../replication/paging.ts';
import { type NodeId, timestampToMillis, timestampToNode } from '../../replication/timestamp.ts';
import type { SourcesDep } from '../../sources/port.ts';
import { conflictComment, inWords } from './conflict-comment.ts';
import type { ConflictRow } from './note-conflicts.ts';
import { createRevisionFinder } from './revision-finder.ts';

/** Items that get a comment, or another text of it, within an hour and in one go. */
export const COMMENTS_PER_HOUR = 100;
const PER_RUN = 25;
const HOUR = 3_600_000;

const COMMENTS = 'directus_comments';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database' | 'logger'>;
type TellDeps = NodeDep & ClockDep & SourcesDep & CheckpointsDep;

/** Writes the comments that are due, and returns whether there are more. Several processes may do so at once. */
export async function tellConflicts(context: Context, ports: TellDeps): Promise<boolean> {
	const { database } = context;
	const untold = (await database<ConflictRow>(TABLES.conflicts)
		.whereNull('told_at')
		.orderBy('id')
		.limit(PAGE_SIZE)) as ConflictRow[];
	if (untold.length === 0) return false;

	const now = ports.clock.now();
	const names = await readNames(ports);
	const items = Object.values(groupBy(untold, ({ collection, item }) => itemId(collection, item)));
	const allowed = items.slice(0, Math.max(0, COMMENTS_PER_HOUR - (await toldSince(database, now - HOUR))));
	const turn = allowed.slice(0, PER_RUN);
	const silent = items.slice(allowed.length).flat();

	for (const rows of turn) {
		try {
			await tellItem(context, ports.node, names, rows, now);
		} catch (error) {
			context.logger.warn(error, 'Data Sync: the comment about a conflict could not be written');
			silent.push(...rows);
		}
	}

	for (const part of chunks(idsOf(silent)))
		await database(TABLES.conflicts).whereIn('id', part).update({ told_at: now });
	return allowed.length > turn.length || untold.length === PAGE_SIZE;
}

/** The claim and the comment are one transaction: no conflict is told twice, and none is forgotten in a crash. */
async function tellItem(
	context: Context,
	node: NodeId,
	names: ReadonlyMap<string, string>,
	rows: ConflictRow[],
	now: number,
): Promise<void> {
	const [first] = rows;
	if (!first) return;
	const { collection, item: named } = first;
	const schema = await context.getSchema();

	await context.database.transaction(async (trx) => {
		const open = trx(TABLES.conflicts).whereIn('id', idsOf(rows)).whereNull('told_at');
		if ((await open.update({ told_at: now })) === 0) return;
		const shape = toShape(schema, collection);
		if (!shape || (await readItems(context, schema, trx, shape, [named], [])).size === 0) return;
		const item = named === SINGLETON ? String(await singletonKey(trx, shape)) : named;

		const find = await createRevisionFinder(trx, collection, item);
		const told = rows.map((row) => {
			const isOursKept = timestampToNode(row.winner) === node;
			const revision = isOursKept ? null : find(row.field, timestampToMillis(row.loser));
			return { ...row, isOursKept, revision };
		});
		const comment = conflictComment(remoteOf(node, names, rows), told);
		const comments = new context.services.ItemsService(COMMENTS, { knex: trx, schema, accountability: null });
		const options = {
			emitEvents: false,
			bypassLimits: true,
			overwriteDefaults: { _user: USER_ID, _date: new Date(now).toISOString() },
		};
		const known = await trx(COMMENTS)
			.where({ collection, item, user_created: USER_ID })
			.orderBy('date_created')
			.first<{ id: string } | undefined>('id');
		const id = known
			? await comments.updateOne(known.id, { comment }, options)
			: await comments.createOne({ collection, item, comment }, options);
		await trx(TABLES.conflicts)
			.whereIn('id', idsOf(rows))
			.update({ comment: String(id) });
	});
}

/** The names of the sources, by their ids and by their remotes' nodes. */
async function readNames(ports: TellDeps): Promise<ReadonlyMap<string, string>> {
	const names = new Map<string, string>();

	for (const source of await ports.sources.list()) {
		const { node } = (await ports.checkpoints.read(source.id)).link;
		names.set(source.id, source.name);
		if (node !== null && !names.has(node)) names.set(node, source.name);
	}

	return names;
}

/** The instance that the other writes were made on; if it is none of our sources, the one that told us of them. */
function remoteOf(node: NodeId, names: ReadonlyMap<string, string>, rows: ConflictRow[]): string {
	const called = rows.map(({ winner, loser, source }) => {
		const other = [winner, loser].map(timestampToNode).find((each) => each !== node) ?? '';
		const sender = source === null ? undefined : names.get(source);
		return names.get(other) ?? (sender ? `an instance behind ${sender}` : 'another instance');
	});
	return inWords(new Set(called));
}

async function toldSince(knex: Knex, since: number): Promise<number> {
	const counted = await knex(TABLES.conflicts)
		.where('told_at', '>', since)
		.countDistinct({ count: 'comment' })
		.first<{ count: number | string } | undefined>();
	return Number(counted?.count ?? 0);
}

const idsOf = (rows: ConflictRow[]) => rows.map((row) => row.id);
