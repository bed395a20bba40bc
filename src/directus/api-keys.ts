/**
 * The API keys of the sources in clear. Directus derives a key anew (scrypt, some 50 ms of a processor) at every
 * decryption, far too dear for each look at the sources: so every stored text is decrypted once and remembered.
 */
import type { ApiExtensionContext } from '@directus/types';
import { TABLES } from './tables.ts';

type ItemsService = InstanceType<ApiExtensionContext['services']['ItemsService']>;

/** Keys in clear by source id; null where there is none, or none that this instance's SECRET opens. */
export type ApiKeys = (service: ItemsService) => Promise<ReadonlyMap<string, string | null>>;

export function createApiKeys({ database }: Pick<ApiExtensionContext, 'database'>): ApiKeys {
	const known = new Map<string, { stored: string | null; clear: string | null }>();

	return async (service) => {
		const rows: { id: string; api_key: string | null }[] = await database(TABLES.sources).select('id', 'api_key');
		const stored = new Map(rows.map((row) => [row.id, row.api_key]));
		for (const id of known.keys()) if (!stored.has(id)) known.delete(id);

		const changed = rows.filter((row) => known.get(row.id)?.stored !== row.api_key).map(({ id }) => id);
		if (changed.length > 0) {
			const items = await service.readMany(changed, { fields: ['id', 'api_key'], limit: -1 }, { emitEvents: false });
			for (const { id, api_key } of items) known.set(id, { stored: stored.get(id) ?? null, clear: api_key ?? null });
		}

		return new Map([...known].map(([id, { clear }]) => [id, clear]));
	};
}
