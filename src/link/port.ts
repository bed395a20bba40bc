import type { NodeId } from '../replication/timestamp.ts';
import type { Turns } from '../replication/turns.ts';
import type { Fingerprint } from './fingerprint.ts';

export type Checkpoint = {
	source: string;
	/** The last seq the source has acknowledged. */
	seq: number;
	/** Up to where a push has been asked for. */
	target: number;
	/** The remote's node id, once known. */
	node: NodeId | null;
	/** What the seq belongs to. */
	fingerprint: Fingerprint;
	attempts: number;
	/** Which batch the remote may have applied last. */
	turns: Turns;
	/** How many milliseconds the remote's clock is ahead of ours; null when it was never asked. */
	clockOffset: number | null;
	/** Milliseconds; no attempt before that. */
	nextAttemptAt: number | null;
	failingSince: number | null;
	/** Since when nobody has answered there; null when the last attempt was answered, be it by a refusal. */
	unansweredSince: number | null;
	error: string | null;
	/** When the users were told of the outage, and of refused items. */
	notifiedAt: number | null;
	refusedNotifiedAt: number | null;
	/** What the remote could not follow, by field. */
	warnings: Warning[];
	/** Conflicts that its remote has told us of so far, and when the last one came. */
	conflicts: number;
	lastConflictAt: number | null;
	/** The highest seq of a dropped deletion that the remote is known not to miss; null before the first push. */
	forgottenSeq: number | null;
	/** Since when it is known that deletions were dropped which the remote was never told of; null: none were. */
	reconcileSince: number | null;
};

/** The checkpoint that is no source's: all conflicts of this node are counted in it. */
export const OWN_CHECKPOINT = 'apply';

export type CheckpointsPort = {
	read(source: string): Promise<Checkpoint>;
	/** @param fingerprint if given, nothing is saved unless the checkpoint has this one */
	save(source: string, changes: Partial<Omit<Checkpoint, 'source'>>, fingerprint?: Fingerprint): Promise<void>;
	/** Raises the target of sources; never lowers it. */
	request(sources: string[], target: number): Promise<void>;
	/** Lowers the target to what is acknowledged. */
	cancel(source: string): Promise<void>;
};

export type Warning = {
	code: 'reference_left_out' | 'item_skipped';
	collection: string;
	/** The field that refers to something which the remote does not have. */
	field: string;
	/** The collection it refers to. */
	to: string;
	/** How often that happened. */
	count: number;
	/** One of the items. */
	example: string;
	/** Milliseconds since 1970. */
	since: number;
};

export type CheckpointsDep = { checkpoints: CheckpointsPort };
