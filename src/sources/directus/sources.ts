/**
 * The remote sources as configured in Data Studio, with their API keys in clear. Everything looks at them, and often,
 * so they are read by plain queries: a service would first copy Directus' whole schema each time.
 */
import type { ApiExtensionContext } from '@directus/types';
import { SOURCES_USERS } from '../../../schema.ts';
import { TABLES } from '../../directus/tables.ts';
import { checkRemoteUrl } from '../../wire/remote-url.ts';
import type { Listing } from '../listing.ts';
import type { Model } from '../model.ts';
import type { Source, SourcesPort } from '../port.ts';
import { createApiKeys } from './api-keys.ts';
import { type ReadListing, readListing } from './read-listing.ts';
import { toModel } from './to-model.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;

type SourceRow = {
	id: string;
	name: string | null;
	status: string | null;
	url: string | null;
	/** Encrypted. */
	api_key: string | null;
	/** Text or parsed, as the driver has it. */
	schema: unknown;
};

type UserRow = { data_sync_remote_sources_id: string | null; directus_users_id: string | null };

type SourceItem = Omit<SourceRow, 'api_key'> & { apiKey: string | null; users: string[] };

const COLUMNS = ['id', 'name', 'status', 'url', 'api_key', 'schema'];
const EMPTY: Listing = new Map();

/** @param refreshSchema makes `getSchema` give what the database has */
export function createSources(context: Context, refreshSchema: () => Promise<void>): SourcesPort {
	const { database } = context;
	const decrypt = createApiKeys(context);
	let installed = false;

	return {
		list: async ({ pastCache = false } = {}) => {
			if (pastCache) await refreshSchema();
			installed ||= (await database.schema.hasTable(TABLES.sources)) && (await database.schema.hasTable(SOURCES_USERS));
			if (!installed) return [];
			const rows: SourceRow[] = await database(TABLES.sources).select(COLUMNS).orderBy('id');
			if (rows.length === 0) return [];
			const users: UserRow[] = await database(SOURCES_USERS).select('data_sync_remote_sources_id', 'directus_users_id');
			const keys = await decrypt(rows);
			const model = toModel(await context.getSchema());
			return rows.map((row) => {
				const own = users.filter((user) => user.data_sync_remote_sources_id === row.id);
				const source = {
					...row,
					apiKey: keys.get(row.id) ?? null,
					users: own.flatMap((user) => user.directus_users_id ?? []),
				};
				return toSource(source, model);
			});
		},
		report: async (id, { syncedAt, error }) => {
			await database(TABLES.sources)
				.where({ id })
				.update({
					...(syncedAt !== undefined && { last_synced_at: new Date(syncedAt) }),
					...(error !== undefined && { last_error: error }),
				});
		},
	};
}

function toSource(item: SourceItem, model: Model): Source {
	const listing = readListing(item.schema, model);
	const url = checkRemoteUrl(item.url);
	const urlFault = url.ok ? null : `The URL ${url.fault}.`;
	return {
		id: item.id,
		name: item.name || item.url || item.id,
		published: item.status === 'published',
		url: url.ok ? url.url : (item.url ?? ''),
		apiKey: item.apiKey,
		listing: listing.ok ? listing.expansion.listing : EMPTY,
		configurationError: configurationError(item, listing, urlFault),
		configurationFaults: { url: urlFault, listing: listing.ok ? null : listing.error },
		...(listing.ok && { expansion: listing.expansion }),
		usersNotification: item.users,
	};
}

function configurationError(item: SourceItem, listing: ReadListing, urlFault: string | null): string | null {
	if (urlFault !== null) return urlFault;
	if (!item.apiKey) return 'The API key is empty: enter the static token of the Data Sync user of the remote.';
	return listing.ok ? null : listing.error;
}
