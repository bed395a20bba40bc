/** Changes that no batch can hold fail here, each by itself, instead of with all that would travel beside them. */
import { BATCH_LIMITS } from '../replication/batch.ts';
import { isNestedDeeper } from '../replication/canonical-json.ts';
import type { Change } from '../replication/change.ts';
import type { ChangeResult } from '../replication/result.ts';
import type { Composed } from './compose.ts';
import { type DeliveryContext, record } from './deliveries.ts';
import { nameOf } from './singleton.ts';

/** The rows without the changes that can't be sent, which become deliveries. */
export async function keepSendable(context: DeliveryContext, composed: Composed[]): Promise<Composed[]> {
	const refused = composed.flatMap((each) => {
		const result = each.change && refusalOf(each.change);
		return result ? [{ each, result }] : [];
	});
	if (refused.length === 0) return composed;

	const gone = new Set(refused.map(({ each }) => each));
	await record(
		context,
		refused.map(({ each }) => each),
		refused.map(({ result }) => result),
	);
	return composed.map((each) => (gone.has(each) ? { ...each, change: null } : each));
}

function refusalOf(change: Change): ChangeResult | null {
	const deep = Object.entries(change.fields).find(([, { value }]) => isNestedDeeper(value, BATCH_LIMITS.depth));
	if (!deep) return null;
	return {
		outcome: 'failed',
		code: 'invalid_value',
		message: `"${deep[0]}" of ${nameOf(change)} nests lists and objects more than ${BATCH_LIMITS.depth} levels deep, which is not sent. Make it flatter, or take the field out of the source's schema; then resync.`,
	};
}
