/** Which Directus this is, as Directus tells its users. */
import type { ApiExtensionContext } from '@directus/types';

let known: string | null = null;

/** Null where it does not tell: nothing may fail for that. Asked once, as it changes only by a restart. */
export async function readDirectusVersion({
	services,
	getSchema,
	database,
}: Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>): Promise<string | null> {
	if (known !== null) return known;
	// Any user: the version is told to all who are signed in, and nothing else of the answer is used.
	const accountability = { user: 'data-sync', role: null, roles: [], admin: false, app: false, ip: null };
	const service = new services.ServerService({ knex: database, schema: await getSchema(), accountability });
	const version: unknown = (await service.serverInfo().catch(() => null))?.version;
	known = typeof version === 'string' ? version : null;
	return known;
}
