/**
 * Directus' schema past its cache. A process that nobody tells of another's change, as is so without Redis, holds the schema
 * from before until it changes something itself.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Accountability, ApiExtensionContext, SchemaOverview } from '@directus/types';
import { forgetSchema } from './schema-memo.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;

const ADMIN: Accountability = { user: null, role: null, roles: [], admin: true, app: true, ip: null };

/**
 * Makes sure that this process knows the schema that the database has, which costs the reading of all of it.
 * @param context as Directus hands it to an extension
 */
export async function refreshSchema(context: Context): Promise<void> {
	const actual = await context.getSchema({ bypassCache: true });
	const isKnown = isDeepStrictEqual(plain(actual), plain(await context.getSchema()));
	if (!isKnown) await dropCaches(context, actual);
	forgetSchema();
}

/** Drops all that this process has cached, of the schema and of permissions. */
export async function dropCaches({ services, database }: Context, schema: SchemaOverview): Promise<void> {
	await new services.UtilsService({ knex: database, schema, accountability: ADMIN }).clearCache({ system: true });
}

/** Cached ones are frozen copies. */
const plain = (schema: SchemaOverview): unknown => JSON.parse(JSON.stringify(schema));
