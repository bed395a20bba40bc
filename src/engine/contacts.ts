/**
 * When to try a remote again before its time: its node has contacted us, so it is up again. It may contact us before it takes
 * requests, so there is a short series of tries. A remote that can call us and can't be called by us gets one series in a
 * while, whatever it sends. Kept in memory: what is lost with it only costs time.
 */
import type { NodeId } from '../replication/timestamp.ts';

/** Milliseconds after the first try of a series. */
const FOLLOWING = [2_000, 10_000, 60_000];
/** How long after the beginning of a series the next one may begin, in milliseconds. */
export const BETWEEN_SERIES = 5 * 60_000;

/** What this process knows of the attempts to reach a source's remote. */
type Attempts = {
	/** When the last one began. */
	last: number;
	/** When the last series began. */
	series: number;
	/** The tries of the series that are still to come. */
	following: number[];
};

export type Contacts = {
	/** A node has contacted us. */
	heard(node: NodeId, now: number): void;
	/** When to try a source that gets no answer, by what has been heard of its node; null: when its time has come. */
	nextTry(source: string, node: NodeId | null): number | null;
	/** An attempt that began at `began` has failed. `early`: it was one of those that nextTry asks for. */
	failed(source: string, began: number, early: boolean): void;
	/** An attempt has reached the remote. */
	reached(source: string, began: number): void;
};

const NEVER = Number.NEGATIVE_INFINITY;

export function createContacts(): Contacts {
	const contacts = new Map<NodeId, number>();
	const attempts = new Map<string, Attempts>();
	const attemptsOf = (source: string): Attempts =>
		attempts.get(source) ?? { last: NEVER, series: NEVER, following: [] };

	return {
		heard: (node, now) => {
			contacts.set(node, now);
		},
		nextTry: (source, node) => {
			const { last, series, following } = attemptsOf(source);
			if (following[0] !== undefined) return following[0];
			const contact = node === null ? undefined : contacts.get(node);
			// What was heard before an attempt that failed tells nothing any more.
			if (contact === undefined || contact < last) return null;
			return Math.max(contact, series + BETWEEN_SERIES);
		},
		failed: (source, began, early) => {
			const known = attemptsOf(source);
			const begins = early && known.following.length === 0;
			const following = begins ? FOLLOWING.map((delay) => began + delay) : known.following;
			const left = following.filter((at) => at > began);
			attempts.set(source, { last: began, series: begins ? began : known.series, following: left });
		},
		reached: (source, began) => {
			attempts.set(source, { last: began, series: NEVER, following: [] });
		},
	};
}
