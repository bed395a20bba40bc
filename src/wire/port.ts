import type { Change } from '../replication/change.ts';
import type { NodeId, Timestamp } from '../replication/timestamp.ts';
import type { Link } from '../replication/turns.ts';
import type { ChangeResult } from './result.ts';

/** Where a remote is and how to sign in there; the id tells several apart. */
export type Remote = { id: string; url: string; apiKey: string | null };

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
	info(remote: Remote): Promise<RemoteInfo>;
	/** One result per change. Rejects with a RemoteError. */
	send(remote: Remote, batch: { node: NodeId; path: NodeId[]; link: Link; changes: Change[] }): Promise<ChangeResult[]>;
};

export type TransportDep = { transport: TransportPort };
