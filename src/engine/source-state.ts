/** How a source is doing, in one word for people and for monitoring: the first that is true. */
export type SourceState =
	/** It is not published. */
	| 'paused'
	/** The last attempt failed: to send, or to read what is to be sent. */
	| 'failing'
	/** It can't work as it is entered, though that has not stopped anything yet. */
	| 'misconfigured'
	/** Changes are on their way. */
	| 'behind'
	/** The remote refuses items. */
	| 'refused'
	/** Items wait at the remote for others that they refer to. */
	| 'waiting'
	/** The remote has less than it should: references were left out, or deletions are forgotten that it was never told of. */
	| 'incomplete'
	/** It has all. */
	| 'synced';

export type SourceFacts = {
	published: boolean;
	isFailing: boolean;
	isMisconfigured: boolean;
	/** Changes that it has not acknowledged, or that have no place in the feed yet. */
	isBehind: boolean;
	/** Deliveries. */
	failed: number;
	pending: number;
	isIncomplete: boolean;
};

export function sourceState(facts: SourceFacts): SourceState {
	if (!facts.published) return 'paused';
	if (facts.isFailing) return 'failing';
	if (facts.isMisconfigured) return 'misconfigured';
	if (facts.isBehind) return 'behind';
	if (facts.failed > 0) return 'refused';
	if (facts.pending > 0) return 'waiting';
	return facts.isIncomplete ? 'incomplete' : 'synced';
}
