/** What a batch from a remote means for our own pushes, once it is applied; one without changes compares memories. */
import type { Batch } from '../wire/batch.ts';
import type { ChangeResult } from '../wire/result.ts';
import type { Engine } from './engine.ts';

/** Whether there is something to be passed on, to be compared, or to be tried again, soon. */
export async function hear(
	engine: Pick<Engine, 'heardFrom'>,
	{ node, link, changes }: Batch,
	results: ChangeResult[],
): Promise<boolean> {
	const isWaitedFor = await engine.heardFrom(node, { compares: changes.length === 0 });
	const startsOver = link?.after.length === 0;
	return (
		isWaitedFor ||
		startsOver ||
		results.some(({ outcome, superseded }) => outcome === 'applied' || (superseded ?? 0) > 0)
	);
}
