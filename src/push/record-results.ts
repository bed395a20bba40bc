/** Keeps the exceptions: what a remote would not take becomes a delivery, what it takes is none any longer. */

import type { ClockDep } from '../directus/port.ts';
import type { FeedRow } from '../feed/port.ts';
import { itemId } from '../replication/change.ts';
import type { Source } from '../sources/port.ts';
import type { ChangeResult } from '../wire/result.ts';
import { backoff, refusedBackoff } from './backoff.ts';
import type { DeliveriesDep, Delivery } from './port.ts';
import type { PushReport } from './push-report.ts';

export type DeliveryContext = { ports: DeliveriesDep & ClockDep; source: Source; report: PushReport };

/** Notes the results of a batch, one for each row in the same order. */
export async function record(
	{ ports, source, report }: DeliveryContext,
	sent: { row: FeedRow }[],
	results: ChangeResult[],
): Promise<void> {
	const refs = sent.map(({ row: { collection, item } }) => ({ collection, item }));
	const known = await ports.deliveries.read(source.id, refs);
	const before = new Map(known.map((delivery) => [itemId(delivery.collection, delivery.item), delivery]));
	const exceptions: Delivery[] = [];
	const done: Delivery[] = [];

	for (const [index, ref] of refs.entries()) {
		const result = results[index];
		if (!result) continue;
		report[result.outcome] += 1;
		const previous = before.get(itemId(ref.collection, ref.item));

		if (result.code === undefined) {
			if (previous) done.push(previous);
			continue;
		}

		const attempts = (previous?.attempts ?? 0) + 1;
		const status = result.outcome === 'pending' ? 'pending' : 'failed';
		const wait = (status === 'pending' ? backoff : refusedBackoff)(attempts, ports.clock.random());
		const message = result.message ?? 'The remote gave no reason.';
		const nextAttemptAt = Math.round(ports.clock.now() + wait);
		exceptions.push({ ...ref, status, code: result.code, message, attempts, nextAttemptAt });
	}

	if (exceptions.length > 0) await ports.deliveries.put(source.id, exceptions);
	if (done.length > 0) await ports.deliveries.clear(source.id, done);
}
