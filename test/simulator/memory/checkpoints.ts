/** Checkpoints in memory. */

import { NO_FINGERPRINT } from '../../../src/link/fingerprint.ts';
import { fingerprintToText } from '../../../src/link/fingerprint-text.ts';
import type { Checkpoint, CheckpointsPort } from '../../../src/link/port.ts';
import { NEW_LINK } from '../../../src/replication/turns.ts';
import type { Database } from './database.ts';
import type { Session } from './session.ts';

export function createMemoryCheckpoints(session: Session): CheckpointsPort {
	const update = (name: string, source: string, change: (row: Checkpoint) => Partial<Checkpoint> | null) =>
		session.call(name, [`checkpoint ${source}`], (data) => {
			const row = readRow(data, source);
			const changes = change(row);
			if (changes) data.checkpoints.set(source, { ...row, ...changes });
			return changes !== null;
		});

	return {
		read: (source) => session.call('checkpoints.read', [], (data) => readRow(data, source)),
		save: async (source, changes, over) => {
			await update('checkpoints.save', source, (row) =>
				over === undefined || fingerprintToText(over) === fingerprintToText(row.fingerprint) ? changes : null,
			);
		},
		request: async (sources, target) => {
			for (const source of sources) {
				await update('checkpoints.request', source, (row) => (row.target < target ? { target } : null));
			}
		},
		cancel: async (source) => {
			await update('checkpoints.cancel', source, ({ seq }) => ({ target: seq }));
		},
	};
}

export const readRow = ({ checkpoints }: Database, source: string): Checkpoint =>
	checkpoints.get(source) ?? {
		source,
		seq: 0,
		target: 0,
		node: null,
		fingerprint: NO_FINGERPRINT,
		turns: NEW_LINK,
		clockOffset: null,
		attempts: 0,
		nextAttemptAt: null,
		failingSince: null,
		unansweredSince: null,
		error: null,
		notifiedAt: null,
		refusedNotifiedAt: null,
		warnings: [],
		forgottenSeq: null,
		reconcileSince: null,
		conflicts: 0,
		lastConflictAt: null,
	};
