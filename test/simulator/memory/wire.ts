/** What of a batch's way is the same on every wire: the codec, the receiver's checks, and apply. */
import * as v from 'valibot';
import { apply } from '../../../src/apply/apply.ts';
import { type Batch, batchSchema, decodeBatch, encodeBatch as toBody } from '../../../src/wire/batch.ts';
import type { RemoteInfo, TransportPort } from '../../../src/wire/port.ts';
import type { ChangeResult } from '../../../src/wire/result.ts';
import type { Ports } from '../../support/memory/ports.ts';

type Sent = Parameters<TransportPort['send']>[1];

export const encodeBatch = (batch: Sent): string => JSON.stringify(toBody(batch));

/** What the endpoint makes of a body. Throws at a malformed one: no node of ours sends such. */
export function readBatch(body: string): Batch {
	const parsed = v.safeParse(batchSchema, JSON.parse(body));
	if (!parsed.success) {
		const [issue] = parsed.issues;
		throw new Error(`a malformed batch was sent: ${v.getDotPath(issue)} ${issue.message}: ${body}`);
	}
	return decodeBatch(parsed.output);
}

export const receiveBatch = async (ports: Ports, body: string): Promise<ChangeResult[]> =>
	apply(ports, readBatch(body));

export const infoOf = ({ node, clock }: Ports, limits: Partial<RemoteInfo> = {}): RemoteInfo => ({
	node,
	clock: clock.stamp(),
	clockOffset: 0,
	maxPayloadBytes: 1_000_000,
	maxChanges: 1000,
	...limits,
});
