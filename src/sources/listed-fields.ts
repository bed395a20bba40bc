/** What the sources together list. */
import type { Source } from './port.ts';

/** Every field of the collection that any source lists. */
export function listedFields(sources: Source[], collection: string): Set<string> {
	return new Set(sources.flatMap((source) => source.listing.get(collection)?.fields ?? []));
}
