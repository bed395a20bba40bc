/** Checkpoints in `data_sync_checkpoints`, one row for each source. */
import type { Knex } from 'knex';
import { TABLES } from '../../directus/tables.ts';
import { fingerprintToText } from '../fingerprint-text.ts';
import type { Checkpoint, CheckpointChanges, CheckpointsPort } from '../port.ts';
import { type CheckpointRow, changesToRow, rowToCheckpoint } from './checkpoint-row.ts';

export function createCheckpoints(knex: Knex): CheckpointsPort {
	const table = () => knex<CheckpointRow>(TABLES.checkpoints);
	const ensured = new Set<string>();

	const ensure = async (source: string): Promise<void> => {
		if (ensured.has(source)) return;
		await table().insert({ source }).onConflict('source').ignore();
		ensured.add(source);
	};

	const find = async (source: string): Promise<Checkpoint | null> => {
		const row = await table().where('source', source).first();
		return row ? rowToCheckpoint(row as CheckpointRow) : null;
	};

	/** In one statement. */
	const save = async (source: string, changes: CheckpointChanges, where: Partial<CheckpointRow> = {}) => {
		await ensure(source);
		await table()
			.where({ source, ...where })
			.update(changesToRow(changes));
	};

	return {
		read: async (source) => {
			const found = await find(source);
			if (found) return found;
			// It may have been there before: whoever repairs the table may do so while we run.
			ensured.delete(source);
			await ensure(source);
			return (await find(source)) as Checkpoint;
		},
		saveProgress: (source, progress, over) =>
			save(source, { progress }, over && { fingerprint: fingerprintToText(over) }),
		saveLink: (source, link) => save(source, { link }),
		saveHealth: (source, health) => save(source, { health }),
		saveTogether: (source, changes) => save(source, changes),
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
