/** Batches as another instance would send them, for tests that speak to the endpoint themselves. */
import type { Item } from './api.ts';

/** A node that does not exist. */
export const PEER = 'feedfacecafe';

/** A stamp of that node, so many milliseconds from now. */
export function stamp(offset = 0, counter = 0): string {
	const millis = (Date.now() + offset).toString(16).padStart(12, '0');
	return `${millis}-${counter.toString(16).padStart(4, '0')}-${PEER}0000`;
}

/** A well-formed change; `overrides` replaces or adds keys, and removes those that are undefined. */
export function change(overrides: Item = {}): Item {
	const whole = { collection: 'articles', item: crypto.randomUUID(), life: 1, at: stamp(), fields: { title: 'Sent' } };
	return Object.fromEntries(Object.entries({ ...whole, ...overrides }).filter(([, value]) => value !== undefined));
}

/** A well-formed batch around these changes; `overrides` as in `change`. */
export function batch(changes: unknown = [change()], overrides: Item = {}): Item {
	const whole = { protocol: 1, node: PEER, path: [PEER], changes, ...overrides };
	return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
}
