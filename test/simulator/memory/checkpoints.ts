/** Checkpoints in memory. */

import { NO_FINGERPRINT } from '../../../src/link/fingerprint.ts';
import { fingerprintToText } from '../../../src/link/fingerprint-text.ts';
import type { Checkpoint, CheckpointChanges, CheckpointsPort } from '../../../src/link/port.ts';
import { NEW_LINK } from '../../../src/replication/turns.ts';
import type { Database } from './database.ts';
import type { Session } from './session.ts';

export function createMemoryCheckpoints(session: Session): CheckpointsPort {
	const update = (name: string, source: string, change: (checkpoint: Checkpoint) => CheckpointChanges | null) =>
		session.call(name, [`checkpoint ${source}`], (data) => {
			const checkpoint = readCheckpoint(data, source);
			const changes = change(checkpoint);
			if (changes) data.checkpoints.set(source, merge(checkpoint, changes));
		});
	const save = (source: string, changes: CheckpointChanges) => update('checkpoints.save', source, () => changes);

	return {
		read: (source) => session.call('checkpoints.read', [], (data) => readCheckpoint(data, source)),
		saveProgress: (source, progress, over) =>
			update('checkpoints.save', source, ({ progress: { fingerprint } }) => {
				const isOver = over === undefined || fingerprintToText(over) === fingerprintToText(fingerprint);
				return isOver ? { progress } : null;
			}),
		saveLink: (source, link) => save(source, { link }),
		saveHealth: (source, health) => save(source, { health }),
		saveTogether: save,
		request: async (sources, target) => {
			for (const source of sources) {
				await update('checkpoints.request', source, ({ progress }) =>
					progress.target < target ? { progress: { target } } : null,
				);
			}
		},
		cancel: (source) =>
			update('checkpoints.cancel', source, ({ progress: { seq } }) => ({ progress: { target: seq } })),
	};
}

const merge = (checkpoint: Checkpoint, { progress, link, health }: CheckpointChanges): Checkpoint => ({
	source: checkpoint.source,
	progress: { ...checkpoint.progress, ...progress },
	link: { ...checkpoint.link, ...link },
	health: { ...checkpoint.health, ...health },
});

export const readCheckpoint = ({ checkpoints }: Database, source: string): Checkpoint =>
	checkpoints.get(source) ?? {
		source,
		progress: { seq: 0, target: 0, fingerprint: NO_FINGERPRINT, forgottenSeq: null, reconcileSince: null },
		link: { node: null, turns: NEW_LINK, clockOffset: null },
		health: {
			attempts: 0,
			nextAttemptAt: null,
			failingSince: null,
			unansweredSince: null,
			error: null,
			notifiedAt: null,
			refusedNotifiedAt: null,
			warnings: [],
			conflicts: 0,
			lastConflictAt: null,
		},
	};
