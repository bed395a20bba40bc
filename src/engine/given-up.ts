/**
 * Sources that are not published any more, or are gone: nobody tells their remotes what others were promised. It is remembered
 * by their target, which is what was asked for, that this was seen to. A source that was removed while no process ran is not
 * noticed.
 */
import type { ClockDep } from '../directus/port.ts';
import type { FeedDep } from '../feed/port.ts';
import { withdrawPromises } from '../feed/withdraw.ts';
import type { CheckpointsDep } from '../link/port.ts';
import type { SourcesDep } from '../sources/port.ts';

/** The result looks for such sources, and has what was promised of them told by others. */
export function watchGivenUp(ports: CheckpointsDep & SourcesDep & FeedDep & ClockDep): () => Promise<void> {
	let known: readonly string[] = [];

	return async () => {
		const sources = await ports.sources.list();
		const kept = new Set(sources.filter(({ published }) => published).map(({ id }) => id));
		const all = new Set([...known, ...sources.map(({ id }) => id)]);

		for (const id of all) {
			if (kept.has(id)) continue;
			const { seq, target } = (await ports.checkpoints.read(id)).progress;
			if (target === 0) continue;
			await withdrawPromises(ports, id, seq);
			await ports.checkpoints.saveProgress(id, { target: 0 });
		}

		known = sources.map(({ id }) => id);
	};
}
