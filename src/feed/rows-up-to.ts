/** A stretch of the feed, page by page. */
import { pages } from '../replication/paging.ts';
import type { FeedPort, FeedRow } from './port.ts';

/** The rows after a seq and up to another, in order. */
export function rowsUpTo(feed: Pick<FeedPort, 'after'>, from: number, upTo: number): AsyncIterable<FeedRow[]> {
	const read = async (seq: number | null, limit: number) =>
		(await feed.after(seq ?? from, limit)).filter((row) => row.seq !== null && row.seq <= upTo);
	return pages(read, (row) => row.seq ?? from);
}
