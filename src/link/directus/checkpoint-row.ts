/** A checkpoint as a row of `data_sync_checkpoints`: each part has columns of its own. */
import { type BigInt64, toNumber, toNumberOrNull } from '../../directus/tables.ts';
import type { NodeId } from '../../replication/timestamp.ts';
import { NEW_LINK, type Turns } from '../../replication/turns.ts';
import { fingerprintToText, textToFingerprint } from '../fingerprint-text.ts';
import type { Checkpoint, CheckpointChanges, SourceHealth, SourceLink, SourceProgress, Warning } from '../port.ts';

export type CheckpointRow = { source: string } & ProgressRow & LinkRow & HealthRow;

type ProgressRow = {
	seq: BigInt64;
	target: BigInt64;
	fingerprint: string | null;
	forgotten_seq: BigInt64 | null;
	reconcile_since: BigInt64 | null;
};

type LinkRow = {
	node: NodeId | null;
	/** JSON; null for a new link. */
	turns: string | null;
	clock_offset: BigInt64 | null;
};

type HealthRow = {
	attempts: number;
	next_attempt_at: BigInt64 | null;
	failing_since: BigInt64 | null;
	unanswered_since: BigInt64 | null;
	error: string | null;
	notified_at: BigInt64 | null;
	refused_notified_at: BigInt64 | null;
	/** JSON. */
	warnings: string | null;
	conflicts: number;
	last_conflict_at: BigInt64 | null;
};

export const rowToCheckpoint = (row: CheckpointRow): Checkpoint => ({
	source: row.source,
	progress: {
		seq: toNumber(row.seq),
		target: toNumber(row.target),
		fingerprint: textToFingerprint(row.fingerprint),
		forgottenSeq: toNumberOrNull(row.forgotten_seq),
		reconcileSince: toNumberOrNull(row.reconcile_since),
	},
	link: {
		node: row.node,
		turns: row.turns === null ? NEW_LINK : (JSON.parse(row.turns) as Turns),
		clockOffset: toNumberOrNull(row.clock_offset),
	},
	health: {
		attempts: row.attempts,
		nextAttemptAt: toNumberOrNull(row.next_attempt_at),
		failingSince: toNumberOrNull(row.failing_since),
		unansweredSince: toNumberOrNull(row.unanswered_since),
		error: row.error,
		notifiedAt: toNumberOrNull(row.notified_at),
		refusedNotifiedAt: toNumberOrNull(row.refused_notified_at),
		warnings: row.warnings ? (JSON.parse(row.warnings) as Warning[]) : [],
		conflicts: row.conflicts,
		lastConflictAt: toNumberOrNull(row.last_conflict_at),
	},
});

/** Only the columns that are to be written. */
export const changesToRow = ({ progress = {}, link = {}, health = {} }: CheckpointChanges): Partial<CheckpointRow> =>
	withoutUndefined({ ...progressToRow(progress), ...linkToRow(link), ...healthToRow(health) });

const progressToRow = (changes: Partial<SourceProgress>) => ({
	seq: changes.seq,
	target: changes.target,
	fingerprint: changes.fingerprint && fingerprintToText(changes.fingerprint),
	forgotten_seq: changes.forgottenSeq,
	reconcile_since: changes.reconcileSince,
});

const linkToRow = (changes: Partial<SourceLink>) => ({
	node: changes.node,
	turns: changes.turns && JSON.stringify(changes.turns),
	clock_offset: changes.clockOffset,
});

const healthToRow = (changes: Partial<SourceHealth>) => ({
	attempts: changes.attempts,
	next_attempt_at: changes.nextAttemptAt,
	failing_since: changes.failingSince,
	unanswered_since: changes.unansweredSince,
	error: changes.error,
	notified_at: changes.notifiedAt,
	refused_notified_at: changes.refusedNotifiedAt,
	warnings: changes.warnings && JSON.stringify(changes.warnings),
	conflicts: changes.conflicts,
	last_conflict_at: changes.lastConflictAt,
});

const withoutUndefined = <Row extends object>(row: Row) =>
	Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as Partial<CheckpointRow>;
