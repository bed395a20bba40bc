/** What a batch from a remote means for our own pushes, once it is applied. */
import type { Batch } from '../replication/batch.ts';
import type { ChangeResult } from '../replication/result.ts';
import type { Engine } from './engine.ts';

/** Whether there is something to be passed on, or to be compared, soon. */
export async function hear(
	engine: Pick<Engine, 'heardFrom'>,
	{ node, link, changes }: Batch,
	results: ChangeResult[],
): Promise<boolean> {
	if (changes.length === 0) {
		await engine.heardFrom(node);
		return true;
	}
	const startsOver = link?.after.length === 0;
	return startsOver || results.some(({ outcome, superseded }) => outcome === 'applied' || (superseded ?? 0) > 0);
}
