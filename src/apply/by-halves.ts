/** Asks a database for many items at once although it may refuse the question because of one of them. */

import { Refusal } from '../wire/refusal.ts';
import type { ApplyTransaction } from './port.ts';

/**
 * Runs on all; with `isolate`, where that rejects with a Refusal, on halves of them, each in a savepoint. Gives the refusals
 * by the item that is at fault.
 */
export async function byHalves(
	transaction: ApplyTransaction,
	isolate: boolean,
	items: string[],
	run: (part: string[]) => Promise<void>,
): Promise<Map<string, Refusal>> {
	if (!isolate) {
		await run(items);
		return new Map();
	}

	try {
		await transaction.isolated(() => run(items));
		return new Map();
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		const [first] = items;
		if (items.length < 2 || first === undefined) return new Map(first === undefined ? [] : [[first, error]]);
		const half = Math.ceil(items.length / 2);
		return new Map([
			...(await byHalves(transaction, isolate, items.slice(0, half), run)),
			...(await byHalves(transaction, isolate, items.slice(half), run)),
		]);
	}
}
