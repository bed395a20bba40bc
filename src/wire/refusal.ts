import type { ResultCode } from './result.ts';

/** One item can't be written here. The message is for the sender; what has caused it, if anything, stays here. */
export class Refusal extends Error {
	override name = 'Refusal';

	constructor(
		readonly outcome: 'pending' | 'failed' | 'wanted',
		readonly code: ResultCode,
		message: string,
		options?: ErrorOptions,
	) {
		super(message, options);
	}
}
