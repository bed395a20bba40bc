import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	createTurn,
	isInStep,
	isTurn,
	NEW_LINK,
	START_OVER,
	type Turn,
	takeTurn,
} from '../../src/replication/turns.ts';

const T1 = '000000000001' as Turn;
const T2 = '000000000002' as Turn;

describe('link', () => {
	it('is in step when both ends are new, and when nothing but an answer got lost', () => {
		expect(isInStep(null, NEW_LINK)).toBe(true);
		expect(isInStep(null, [null, T1])).toBe(true);
		expect(isInStep(T1, [null, T1])).toBe(true);
	});

	it('is out of step when the receiver has forgotten, the sender has, or both remember something else', () => {
		expect(isInStep(null, [T1])).toBe(false);
		expect(isInStep(T1, NEW_LINK)).toBe(false);
		expect(isInStep(T2, [T1])).toBe(false);
	});

	it('is in step whatever the receiver remembers when the sender starts over', () => {
		expect(isInStep(T1, START_OVER)).toBe(true);
		expect(isInStep(null, START_OVER)).toBe(true);
	});

	it('makes turns of any randomness', () => {
		fc.assert(fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (x) => isTurn(createTurn(x))));
	});

	it('never forgets what the receiver may have, however many answers get lost, and stays small', () => {
		let turns: readonly (Turn | null)[] = NEW_LINK;
		const sent: Turn[] = [];
		for (let count = 0; count < 100; count += 1) {
			const taken = takeTurn(turns, count / 100);
			sent.push(taken.turn);
			turns = taken.turns;
		}
		expect(isInStep(null, turns)).toBe(true);
		for (const turn of sent) expect(isInStep(turn, turns)).toBe(true);
		expect(turns.length).toBeLessThan(40);
	});

	it('does not forget that it starts over before that is acknowledged', () => {
		expect(takeTurn(START_OVER, 0.5).turns).toEqual(START_OVER);
	});
});
