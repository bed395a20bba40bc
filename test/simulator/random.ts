/** A seeded source of randomness (mulberry32 over an FNV-1a hash), the same on every machine. */

export type Random = {
	/** 0 ≤ x < 1 */
	next(): number;
	/** 0 ≤ x < below, whole */
	below(limit: number): number;
	chance(probability: number): boolean;
	pick<T>(choices: readonly T[]): T;
};

export function createRandom(seed: string): Random {
	let state = 0x811c9dc5;
	for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);

	const next = (): number => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	const below = (limit: number): number => Math.floor(next() * limit);

	return {
		next,
		below,
		chance: (probability) => next() < probability,
		pick: (choices) => {
			const choice = choices[below(choices.length)];
			if (choice === undefined) throw new Error('nothing to choose from');
			return choice;
		},
	};
}
