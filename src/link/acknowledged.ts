/**
 * Up to where the nodes of this instance's sources have its feed. Several sources may lead to one node, each at its own pace
 * and with a listing of its own: it has what all of them that list the collection have told.
 */
import type { NodeId } from '../replication/timestamp.ts';
import { LISTING_EVENTS, type ListingEntry } from '../sources/listing.ts';
import type { Source } from '../sources/port.ts';
import type { SourceLink, SourceProgress } from './port.ts';

/** The seq up to which the node has the rows of a collection; -1 when it is not told of that, or not of all of it. */
export type Acknowledged = (node: NodeId, collection: string) => number;

type Reached = { progress: Pick<SourceProgress, 'seq'>; link: Pick<SourceLink, 'node'> };

export function acknowledgedBy(checkpoints: ReadonlyMap<Source, Reached>): Acknowledged {
	return (node, collection) => {
		const seqs: number[] = [];

		for (const [{ listing }, { progress, link }] of checkpoints) {
			const entry = listing.get(collection);
			if (entry === undefined || link.node !== node) continue;
			seqs.push(holdsNothingBack(entry) ? progress.seq : -1);
		}

		return seqs.length > 0 ? Math.min(...seqs) : -1;
	};
}

/** Where a source holds something back, an acknowledgement tells nothing. */
const holdsNothingBack = ({ filter, events }: ListingEntry): boolean =>
	filter === null && events.length === LISTING_EVENTS.length;
