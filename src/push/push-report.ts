/** What became of the changes of a push, counted by outcome. */
import type { Outcome } from '../wire/result.ts';

export type PushReport = Record<Outcome, number>;

export const emptyReport = (): PushReport => ({
	applied: 0,
	unchanged: 0,
	superseded: 0,
	skipped: 0,
	wanted: 0,
	pending: 0,
	failed: 0,
});
