/** A second merge, so short that it is obviously right, for the real one to agree with. */
import type { Replica } from './arbitraries.ts';

export function referenceMerge(a: Replica, b: Replica): Replica {
	const life = Math.max(a.life, b.life);
	const alive = [a, b].filter((each) => each.life === life);
	const born =
		alive
			.map((each) => each.born)
			.filter((each) => each !== null)
			.sort()[0] ?? null;
	const writes = alive.flatMap((each) => Object.entries(each.fields)).sort((x, y) => (x[1].at < y[1].at ? -1 : 1));
	return { life, born, fields: Object.fromEntries(writes) };
}
