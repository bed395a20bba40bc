/** Tells again what others were wrongly promised to be told by somebody else: see link/promises.ts. */
import type { ClockDep } from '../directus/port.ts';
import { UNPROMISED } from '../link/promises.ts';
import { chunks } from '../replication/paging.ts';
import type { NodeId } from '../replication/timestamp.ts';
import type { SourcesDep } from '../sources/port.ts';
import type { Batch } from '../wire/batch.ts';
import type { FeedDep, FeedRow } from './port.ts';
import { rowsUpTo } from './rows-up-to.ts';
import { unchangedTouch } from './touch.ts';

/**
 * The sender's side, for a source that does not work any more, or is changed: tells all others again what lies after its seq,
 * without any promise. Where there are no others, nothing was promised.
 */
export async function withdrawPromises(
	ports: FeedDep & ClockDep & SourcesDep,
	source: string,
	after: number,
): Promise<void> {
	const others = (await ports.sources.list()).filter(({ id, published }) => id !== source && published);
	if (others.length === 0) return;
	const head = await ports.feed.head();
	for await (const rows of rowsUpTo(ports.feed, after, head)) await touchUnpromised(ports, rows);
}

/**
 * The receiver's side: a path that does not name its receiver takes back what was promised before. Those who were left to
 * others are told from here.
 */
export async function believeLess(ports: FeedDep & ClockDep, own: NodeId, batch: Batch): Promise<void> {
	if (batch.path.includes(own)) return;
	const isPromised = (node: NodeId) => node !== UNPROMISED && node !== batch.node && !batch.path.includes(node);
	for (const part of chunks(batch.changes)) {
		const rows = (await ports.feed.read(part)).filter(({ path }) => path.some(isPromised));
		if (rows.length > 0) await touchUnpromised(ports, rows);
	}
}

const touchUnpromised = ({ feed, clock }: FeedDep & ClockDep, rows: FeedRow[]): Promise<void> =>
	feed.touch(
		rows.map((row) => unchangedTouch(row, row.touched ?? clock.stamp())),
		{ onlyKnown: true, again: true, path: [UNPROMISED] },
	);
