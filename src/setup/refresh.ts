/**
 * A process that started while another was setting up may hold the schema from before, and without Redis nobody
 * tells it. Left alone it would not know our collections until its next schema change.
 */
import type { ApiExtensionContext } from '@directus/types';
import { COLLECTIONS } from '../../schema.ts';
import { dropCaches } from '../directus/refresh-schema.ts';

/** Drops this process' caches when they lack a collection that the database has; true when they did. */
export async function refreshWhenStale(context: ApiExtensionContext): Promise<boolean> {
	const known = await context.getSchema();
	const unknown = COLLECTIONS.filter(({ collection }) => !(collection in known.collections));
	if (unknown.length === 0) return false;

	const actual = await context.getSchema({ bypassCache: true });
	if (!unknown.some(({ collection }) => collection in actual.collections)) return false;

	await dropCaches(context, actual);
	return true;
}
