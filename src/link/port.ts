import type { NodeId } from '../replication/timestamp.ts';
import type { Turns } from '../replication/turns.ts';
import type { Fingerprint } from './fingerprint.ts';

/**
 * What this node remembers of a source, in three parts: how much of the feed its remote has been told, what is known of the
 * remote and of the way to it, and how the attempts to reach it go.
 */
export type Checkpoint = { source: string; progress: SourceProgress; link: SourceLink; health: SourceHealth };

/** How much of our feed the remote has been told. */
export type SourceProgress = {
	/** The last seq that it has acknowledged. */
	seq: number;
	/** The seq up to which a push has been asked for. */
	target: number;
	/** The configuration that the seq belongs to, and whether all of it was told under that. */
	fingerprint: Fingerprint;
	/** The highest seq of a dropped deletion that the remote is known not to miss; null before the first push. */
	forgottenSeq: number | null;
	/** Since when it is known that deletions were dropped which it was never told of, in milliseconds; null: none were. */
	reconcileSince: number | null;
};

/** The other end, and what both ends remember of each other. */
export type SourceLink = {
	/** The remote's node id, once known under this configuration. */
	node: NodeId | null;
	/** Which batch the remote may have applied last. */
	turns: Turns;
	/** How many milliseconds the remote's clock is ahead of ours; null when it was never asked. */
	clockOffset: number | null;
};

/** How the attempts go, and what people have been told of it. Times in milliseconds. */
export type SourceHealth = {
	/** Failed attempts in a row. */
	attempts: number;
	/** No attempt before that; null when none has failed. */
	nextAttemptAt: number | null;
	/** When the first attempt in a row has failed. */
	failingSince: number | null;
	/** Since when nobody has answered there; null when the last attempt was answered, be it by a refusal. */
	unansweredSince: number | null;
	/** What the last attempt has failed with, in words for people. */
	error: string | null;
	/** When the users were told of the outage. */
	notifiedAt: number | null;
	/** When the users were told of items that the remote refuses. */
	refusedNotifiedAt: number | null;
	/** What the remote could not follow, by field. */
	warnings: Warning[];
	/** Conflicts that the remote has told us of so far. */
	conflicts: number;
	/** When the last one came. */
	lastConflictAt: number | null;
};

/** The checkpoint that is no source's: all conflicts of this node are counted in its health. */
export const OWN_CHECKPOINT = 'apply';

export type CheckpointsPort = {
	/** Of a source that has none yet: one that begins at nothing. */
	read(source: string): Promise<Checkpoint>;
	/** @param over if given, nothing is saved unless the checkpoint has this fingerprint */
	saveProgress(source: string, changes: Partial<SourceProgress>, over?: Fingerprint): Promise<void>;
	saveLink(source: string, changes: Partial<SourceLink>): Promise<void>;
	saveHealth(source: string, changes: Partial<SourceHealth>): Promise<void>;
	/** Saves parts that say something false without each other: all of it at once, or nothing. */
	saveTogether(source: string, changes: CheckpointChanges): Promise<void>;
	/** Raises the target of sources; never lowers it. */
	request(sources: string[], target: number): Promise<void>;
	/** Lowers the target to what is acknowledged. */
	cancel(source: string): Promise<void>;
};

export type CheckpointChanges = {
	progress?: Partial<SourceProgress>;
	link?: Partial<SourceLink>;
	health?: Partial<SourceHealth>;
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
