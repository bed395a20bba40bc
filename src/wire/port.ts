import type { Change } from '../replication/change.ts';
import type { NodeId, Timestamp } from '../replication/timestamp.ts';
import type { Link } from '../replication/turns.ts';
import type { Source } from '../sources/port.ts';
import type { ChangeResult } from './result.ts';

export type RemoteInfo = {
	node: NodeId;
	clock: Timestamp;
	/** How many milliseconds that clock is ahead of ours. */
	clockOffset: number;
	maxPayloadBytes: number;
	maxChanges: number;
};

export type TransportPort = {
	/** Rejects with a RemoteError. */
	info(source: Source): Promise<RemoteInfo>;
	/** One result per change. Rejects with a RemoteError. */
	send(source: Source, batch: { node: NodeId; path: NodeId[]; link: Link; changes: Change[] }): Promise<ChangeResult[]>;
};
