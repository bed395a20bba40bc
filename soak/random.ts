/** Repeatable choices (mulberry32): the seed is printed, so that a run can be played again, timing apart. */
export type Random = {
	/** 0 ≤ x < 1 */
	next: () => number;
	/** lowest ≤ x ≤ highest */
	integer: (lowest: number, highest: number) => number;
	pick: <T>(from: readonly T[]) => T;
};

export function createRandom(seed: number): Random {
	let state = seed >>> 0;
	const next = (): number => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	return {
		next,
		integer: (lowest, highest) => lowest + Math.floor(next() * (highest - lowest + 1)),
		pick: (from) => {
			if (from.length === 0) throw new Error('Nothing to pick from.');
			return from[Math.floor(next() * from.length)] as (typeof from)[number];
		},
	};
}
