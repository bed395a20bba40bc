/** What the feed remembers of the filters that an item passes, so that one which enters a filter is sent. */
import { digestText } from '../replication/digest.ts';
import type { Filter } from '../sources/filter.ts';
import type { FeedRow } from './port.ts';

/** Short, and the same for equal filters. */
export const filterName = (filter: Filter): string => digestText(JSON.stringify(filter));

/** Whether the item passed the filter when it was settled. It may have left it since without having been written. */
export const hasPassed = ({ passes }: FeedRow, filter: Filter): boolean =>
	passes?.split(',').includes(filterName(filter)) ?? false;
