/** Looking from outside, through the API, for the moment a change can be seen at another instance. */
import type { Item } from '../test/support/api.ts';
import type { Instance } from '../test/support/instance.ts';
import { waitFor } from '../test/support/wait-for.ts';
import type { Arrival } from './report.ts';

const POLL_MS = 10;
export const PATIENCE_MS = 30_000;

/** When each place first saw what `look` looks for, in milliseconds since `start`; null where it did not. */
export async function watch(
	places: Instance[],
	look: (place: Instance) => Promise<boolean>,
	{ start = performance.now(), patienceMs = PATIENCE_MS } = {},
): Promise<Arrival[]> {
	return Promise.all(
		places.map(async (place) => {
			try {
				await waitFor('arrival', () => look(place), { intervalMs: POLL_MS, timeoutMs: patienceMs });
				return { place: place.name, ms: performance.now() - start };
			} catch {
				return { place: place.name, ms: null };
			}
		}),
	);
}

/** Whether an article has these values. */
export function has(id: unknown, values: Item): (place: Instance) => Promise<boolean> {
	return async (place) => {
		const item = await place.readItem('articles', String(id));
		return item !== null && Object.entries(values).every(([name, value]) => item[name] === value);
	};
}

export function isGone(id: unknown): (place: Instance) => Promise<boolean> {
	return async (place) => (await place.readItem('articles', String(id))) === null;
}
