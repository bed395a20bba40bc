/** Sending again what is being sent again already would begin it anew: whoever asks for the same joins it. */
import type { SourceReport } from '../../engine/source-report.ts';

export type Sending = {
	/** How many items it puts in the queue. */
	queued: Promise<number>;
	/** The sources that it goes to; null: all published ones. */
	to: Promise<string[] | null>;
	/** The reports, when all sources have been tried. */
	pushed: Promise<SourceReport[]>;
};

const underWay = new Map<string, Sending>();

/** @param id the same for what asks for the same */
export function joinSending(id: string, begin: () => Sending): Sending {
	const known = underWay.get(id);
	if (known) return known;
	const sending = begin();
	underWay.set(id, sending);
	const end = (): void => void underWay.delete(id);
	sending.pushed.then(end, end);
	return sending;
}
