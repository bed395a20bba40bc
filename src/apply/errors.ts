/** Something has changed that could not be locked; the transaction is to be done again, and again later by the sender. */
export class StaleError extends Error {
	override name = 'StaleError';

	constructor() {
		super('An item has become known while a batch with it was applied.');
	}
}

/** The sender's memory of this link and ours differ: one of the two databases was put back to an older state. */
export class OutOfStepError extends Error {
	override name = 'OutOfStepError';

	constructor() {
		super('The sender and this instance no longer agree on what was sent last; the sender starts over.');
	}
}

/** A stamp lies too far in the future to be believed. Retryable: one of the two clocks will be set right. */
export class ClockAheadError extends Error {
	override name = 'ClockAheadError';

	constructor(readonly ahead: number) {
		super(
			`The sender's clock is ${Math.round(ahead / 1000)} seconds ahead of this instance's. Set both clocks (NTP). The sender tries again by itself; what it has written under a time ahead is taken when that time has come.`,
		);
	}
}
