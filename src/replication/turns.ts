/**
 * Both ends of a link remember the last batch that went over it, as the two logs of a CouchDB replication do. Where they
 * no longer agree, one of them has lost its memory: its database was put back to an older state, or replaced.
 *
 * Every batch has a turn, a random name that is never used again. The sender keeps the turns that the receiver may have
 * applied last: the one it has acknowledged, and those whose answers got lost. The receiver keeps the one it has.
 */

/** 12 hexadecimal digits. */
export type Turn = string & { readonly __brand: 'Turn' };

/** What the receiver may have applied last; null stands for nothing yet. None at all: the link starts over. */
export type Turns = readonly (Turn | null)[];

export type Link = {
	/** The sender's source, as one node may send by several. */
	source: string;
	/** This batch; null when nothing is sent and only the memories are compared. */
	turn: Turn | null;
	after: Turns;
};

/** Of a link that nothing went over yet. */
export const NEW_LINK: Turns = [null];
/** Of a link whose ends no longer agree. */
export const START_OVER: Turns = [];

/** More answers than that are not lost in a row without the last turn being used again. */
const MOST_TURNS = 32;

const SHAPE = /^[0-9a-f]{12}$/;
export const isTurn = (value: unknown): value is Turn => typeof value === 'string' && SHAPE.test(value);

/** @param random 0 ≤ x < 1 */
export const createTurn = (random: number): Turn =>
	Math.floor(random * 2 ** 48)
		.toString(16)
		.padStart(12, '0') as Turn;

/** Whether what the receiver has applied last is what the sender thinks, or the sender knows that it is not. */
export const isInStep = (last: Turn | null, after: Turns): boolean => after.length === 0 || after.includes(last);

/** What the receiver may have applied last once a batch is on its way, and the turn to send it under. */
export function takeTurn(turns: Turns, random: number): { turn: Turn; turns: Turns } {
	const turn = createTurn(random);
	// It is not to be forgotten before it is acknowledged that the link starts over.
	if (turns.length === 0) return { turn, turns };
	const last = turns.at(-1);
	if (turns.length >= MOST_TURNS && last) return { turn: last, turns };
	return { turn, turns: [...turns, turn] };
}
