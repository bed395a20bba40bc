/**
 * Whether the sender may bring about what no write would ask for: a change of the feed alone (a life, a birth, the deletion of
 * an item that is not here), a conflict that is noted, an answer that tells whether an item exists.
 */

import type { ItemAction } from '../content/port.ts';
import { isAlive } from '../replication/life.ts';
import type { ChangeResult } from '../wire/result.ts';
import type { Decision } from './decide.ts';
import type { ApplyTransaction } from './port.ts';
import type { Slot } from './slot.ts';

const ANY: ItemAction[] = ['update', 'delete', 'create'];

/** The decision, or its refusal. What writes is left to Directus, which asks for the permission itself. */
export async function permit(transaction: ApplyTransaction, slot: Slot, decision: Decision): Promise<Decision> {
	const { change, shape, locked } = slot;
	const { outcome, code } = decision.result;
	if (!shape || decision.write !== null || (outcome === 'failed' && code !== 'key_conflict')) return decision;
	const exists = (locked?.values ?? null) !== null;
	const isNoted = decision.record || decision.conflicts.length > 0;
	const actions = isNoted ? standsFor(isAlive(change.life), exists) : ANY;
	if (await transaction.may(shape, actions, isNoted && exists ? change.item : null)) return decision;
	return { ...decision, result: forbidden(change.collection, actions[0] ?? 'update'), record: false, conflicts: [] };
}

/** What such a change would ask for if it wrote something; one of them is enough. */
function standsFor(isLiving: boolean, exists: boolean): ItemAction[] {
	if (!isLiving) return ['delete'];
	return exists ? ['update'] : ['update', 'create'];
}

export const forbidden = (collection: string, action: ItemAction): ChangeResult => ({
	outcome: 'failed',
	code: 'forbidden',
	message: `The remote's policy "Data Sync" has no permission to ${action} in "${collection}". Give it that permission there, for all fields, then resync.`,
});
