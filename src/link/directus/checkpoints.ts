/** Checkpoints in `data_sync_checkpoints`: how far each source has come. */
import type { Knex } from 'knex';
import { type BigInt64, TABLES, toNumber, toNumberOrNull } from '../../directus/tables.ts';
import type { NodeId } from '../../replication/timestamp.ts';
import { NEW_LINK, type Turns } from '../../replication/turns.ts';
import { fingerprintToText, textToFingerprint } from '../fingerprint-text.ts';
import type { Checkpoint, CheckpointsPort } from '../port.ts';

type CheckpointRow = {
	source: string;
	seq: BigInt64;
	target: BigInt64;
	node: NodeId | null;
	fingerprint: string | null;
	/** JSON; null for a new link. */
	turns: string | null;
	clock_offset: BigInt64 | null;
	attempts: number;
	next_attempt_at: BigInt64 | null;
	failing_since: BigInt64 | null;
	unanswered_since: BigInt64 | null;
	error: string | null;
	notified_at: BigInt64 | null;
	refused_notified_at: BigInt64 | null;
	/** JSON. */
	warnings: string | null;
	forgotten_seq: BigInt64 | null;
	reconcile_since: BigInt64 | null;
	conflicts: number;
	last_conflict_at: BigInt64 | null;
};

/** All but those that are stored in another form. */
const COLUMNS = {
	seq: 'seq',
	target: 'target',
	node: 'node',
	clockOffset: 'clock_offset',
	attempts: 'attempts',
	nextAttemptAt: 'next_attempt_at',
	failingSince: 'failing_since',
	unansweredSince: 'unanswered_since',
	error: 'error',
	notifiedAt: 'notified_at',
	refusedNotifiedAt: 'refused_notified_at',
	warnings: 'warnings',
	forgottenSeq: 'forgotten_seq',
	reconcileSince: 'reconcile_since',
	conflicts: 'conflicts',
	lastConflictAt: 'last_conflict_at',
} as const;

export function createCheckpoints(knex: Knex): CheckpointsPort {
	const table = () => knex<CheckpointRow>(TABLES.checkpoints);
	const ensured = new Set<string>();

	const ensure = async (source: string): Promise<void> => {
		if (ensured.has(source)) return;
		await table().insert({ source, seq: 0, target: 0, attempts: 0 }).onConflict('source').ignore();
		ensured.add(source);
	};

	const read = async (source: string): Promise<Checkpoint> => {
		const row = await table().where('source', source).first();
		if (row) return fromRow(row as CheckpointRow);
		// It may have been there before: whoever repairs the table may do so while we run.
		ensured.delete(source);
		await ensure(source);
		return fromRow((await table().where('source', source).first()) as CheckpointRow);
	};

	return {
		read,
		save: async (source, { turns, fingerprint, ...changes }, over) => {
			const row: Record<string, unknown> = {
				...(turns && { turns: JSON.stringify(turns) }),
				...(fingerprint && { fingerprint: fingerprintToText(fingerprint) }),
			};
			for (const [name, value] of Object.entries(changes))
				row[COLUMNS[name as keyof typeof COLUMNS]] = Array.isArray(value) ? JSON.stringify(value) : value;
			await ensure(source);
			await table()
				.where({ source, ...(over && { fingerprint: fingerprintToText(over) }) })
				.update(row as Partial<CheckpointRow>);
		},
		request: async (sources, target) => {
			for (const source of sources) {
				await ensure(source);
				await table().where('source', source).andWhere('target', '<', target).update({ target });
			}
		},
		cancel: async (source) => {
			await table()
				.where('source', source)
				.update({ target: knex.ref('seq') } as object);
		},
	};
}

const fromRow = (row: CheckpointRow): Checkpoint => ({
	source: row.source,
	seq: toNumber(row.seq),
	target: toNumber(row.target),
	node: row.node,
	fingerprint: textToFingerprint(row.fingerprint),
	turns: row.turns === null ? NEW_LINK : (JSON.parse(row.turns) as Turns),
	clockOffset: toNumberOrNull(row.clock_offset),
	attempts: row.attempts,
	nextAttemptAt: toNumberOrNull(row.next_attempt_at),
	failingSince: toNumberOrNull(row.failing_since),
	unansweredSince: toNumberOrNull(row.unanswered_since),
	error: row.error,
	notifiedAt: toNumberOrNull(row.notified_at),
	refusedNotifiedAt: toNumberOrNull(row.refused_notified_at),
	warnings: row.warnings ? (JSON.parse(row.warnings) as Checkpoint['warnings']) : [],
	forgottenSeq: toNumberOrNull(row.forgotten_seq),
	reconcileSince: toNumberOrNull(row.reconcile_since),
	conflicts: row.conflicts,
	lastConflictAt: toNumberOrNull(row.last_conflict_at),
});
