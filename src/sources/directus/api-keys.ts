/**
 * The API keys of the sources in clear. Directus derives a key anew (scrypt, some 50 ms of a processor) at every
 * decryption, far too dear for each look at the sources: so every stored text is decrypted once and remembered.
 */
import type { ApiExtensionContext } from '@directus/types';
import { TABLES } from '../../directus/tables.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;
type Row = { id: string; api_key: string | null };

/** Takes the stored texts; gives keys in clear by source id, null where this instance's SECRET does not open one. */
export type DecryptApiKeys = (rows: Row[]) => Promise<ReadonlyMap<string, string | null>>;

export function createApiKeys({ services, getSchema, database }: Context): DecryptApiKeys {
	const known = new Map<string, { stored: string; clear: string | null }>();

	return async (rows) => {
		const stored = new Map(rows.flatMap(({ id, api_key }) => (api_key ? [[id, api_key] as const] : [])));
		for (const [id, { stored: text }] of known) if (stored.get(id) !== text) known.delete(id);
		const missing = [...stored.keys()].filter((id) => !known.has(id));

		if (missing.length > 0) {
			const options = { knex: database, schema: await getSchema(), accountability: null };
			const service = new services.ItemsService(TABLES.sources, options);
			const items = await service.readMany(missing, { fields: ['id', 'api_key'], limit: -1 }, { emitEvents: false });
			for (const { id, api_key } of items) known.set(id, { stored: stored.get(id) ?? '', clear: api_key ?? null });
		}

		return new Map([...known].map(([id, { clear }]) => [id, clear]));
	};
}
