import type { ResultCode } from './result.ts';

/** One item can't be written here. */
export class Refusal extends Error {
	override name = 'Refusal';

	constructor(
		readonly outcome: 'pending' | 'failed' | 'wanted',
		readonly code: ResultCode,
		message: string,
	) {
		super(message);
	}
}
