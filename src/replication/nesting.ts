/**
 * How deep JSON may be nested on the wire. What an editor saves is nested less: Directus copies it by recursion, and gives up
 * at some 2,200 levels. What is nested deeper, by other programs, could neither be made text nor be written by a remote.
 */
export const DEEPEST = 2000;

/** Whether objects and lists lie in each other deeper than that. Without recursion, which is what it guards against. */
export function isTooDeep(value: unknown, deepest = DEEPEST): boolean {
	let level = [value].filter(isNested);

	for (let depth = 1; level.length > 0; depth += 1) {
		if (depth > deepest) return true;
		level = level.flatMap((each) => Object.values(each).filter(isNested));
	}

	return false;
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
