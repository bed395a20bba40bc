/**
 * A process that started while another was setting up may hold the schema from before, and without Redis nobody
 * tells it. Left alone it would not know our collections until its next schema change.
 */
import type { Accountability, ApiExtensionContext } from '@directus/types';
import { COLLECTIONS } from '../../schema.ts';

const ADMIN: Accountability = { user: null, role: null, roles: [], admin: true, app: true, ip: null };

/** Drops this process' caches when they lack a collection that the database has; true when they did. */
export async function refreshWhenStale(context: ApiExtensionContext): Promise<boolean> {
	const known = await context.getSchema();
	const unknown = COLLECTIONS.filter(({ collection }) => !(collection in known.collections));
	if (unknown.length === 0) return false;

	const actual = await context.getSchema({ bypassCache: true });
	if (!unknown.some(({ collection }) => collection in actual.collections)) return false;

	const { UtilsService } = context.services;
	await new UtilsService({ knex: context.database, schema: actual, accountability: ADMIN }).clearCache({
		system: true,
	});
	return true;
}
