/** What applying a batch knows of this node and of the batch. */

import type { ClockPort } from '../directus/port.ts';
import type { Acknowledged } from '../link/acknowledged.ts';
import type { Trust } from '../link/trust.ts';
import type { NodeId, Timestamp } from '../replication/timestamp.ts';
import type { Batch } from '../wire/batch.ts';

export type ApplyContext = {
	clock: ClockPort;
	node: NodeId;
	/** The stamp of what was there before Data Sync was. */
	baseline: Timestamp;
	/** The fields of a collection that this node tells anybody. */
	listed: (collection: string) => ReadonlySet<string>;
	batch: Batch;
	acknowledged: Acknowledged;
	/** Whether a node has what it has acknowledged, and what paths say it has. */
	trusts: Trust;
	/** The source that conflicts with the sender count for; null when it is no remote of ours. */
	sourceFor: (collection: string) => string | null;
};
