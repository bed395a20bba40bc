/** Which sources a wake-up has something to do for. */
import type { ClockDep } from '../directus/port.ts';
import type { FeedDep } from '../feed/port.ts';
import { isFinished } from '../link/fingerprint.ts';
import type { CheckpointsDep } from '../link/port.ts';
import type { DeliveriesDep } from '../push/port.ts';
import type { Source } from '../sources/port.ts';

/**
 * The sources that have something to be sent: new rows, another configuration, or deliveries that are due.
 * @param isDue those that are taken in any case
 */
export async function waitingFor(
	ports: FeedDep & CheckpointsDep & DeliveriesDep & ClockDep,
	sources: Source[],
	isDue: (source: Source) => boolean,
): Promise<Source[]> {
	const head = await ports.feed.head();
	const now = ports.clock.now();
	const waiting: Source[] = [];

	for (const source of sources) {
		const { progress, health } = await ports.checkpoints.read(source.id);
		const behind = progress.seq < head || !isFinished(progress.fingerprint, source) || health.attempts > 0;
		const due = async () =>
			(await ports.deliveries.read(source.id)).some(
				({ nextAttemptAt }) => nextAttemptAt !== null && nextAttemptAt <= now,
			);
		if (isDue(source) || behind || (await due())) waiting.push(source);
	}

	return waiting;
}

/** The sources that have not received all they were asked to be sent. */
export async function behindTarget(ports: CheckpointsDep, sources: Source[]): Promise<Source[]> {
	const behind: Source[] = [];

	for (const source of sources) {
		const { seq, target } = (await ports.checkpoints.read(source.id)).progress;
		if (seq < target) behind.push(source);
	}

	return behind;
}
