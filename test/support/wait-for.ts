/**
 * Waiting for a condition instead of sleeping: fast where the machine is fast, patient where it is not, and
 * when it gives up it shows what it saw last, which is what one needs to know.
 */
import { inspect } from 'node:util';

export type WaitOptions = { timeoutMs?: number; intervalMs?: number };

type Truthy<T> = T extends false | 0 | '' | null | undefined ? never : T;

/** Polls until `look` gives something truthy and returns that. A look that throws counts as "not yet". */
export async function waitFor<T>(
	description: string,
	look: () => Promise<T> | T,
	{ timeoutMs = 30_000, intervalMs = 50 }: WaitOptions = {},
): Promise<Truthy<T>> {
	const started = Date.now();
	let last = 'nothing yet';

	for (;;) {
		try {
			const value = await look();
			if (value) return value as Truthy<T>;
			last = `value ${inspect(value, { depth: 4 })}`;
		} catch (error) {
			last = `error ${error instanceof Error ? error.message : inspect(error)}`;
		}

		if (Date.now() - started >= timeoutMs) {
			throw new Error(`Gave up after ${timeoutMs} ms waiting for ${description}; last: ${last}`);
		}
		await sleep(intervalMs);
	}
}

export function sleep(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
