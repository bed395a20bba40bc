/** Groups refs by collection, keeping their order: an object, which es-toolkit groups into, sorts names that are numbers. */
import type { Ref } from './port.ts';

export function groupByCollection<T extends Ref>(refs: T[]): Map<string, T[]> {
	const groups = new Map<string, T[]>();

	for (const ref of refs) {
		const group = groups.get(ref.collection);
		if (group) group.push(ref);
		else groups.set(ref.collection, [ref]);
	}

	return groups;
}
