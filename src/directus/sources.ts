/** The remote sources as configured in Data Studio, read with the instance's own rights so that keys are in clear. */
import type { ApiExtensionContext } from '@directus/types';
import { type Listing, parseListing } from '../delivery/listing.ts';
import type { Source, SourcesPort } from '../delivery/ports.ts';
import { createApiKeys } from './api-keys.ts';
import { checkRemoteUrl } from './remote-url.ts';
import { TABLES } from './tables.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;

type SourceItem = {
	id: string;
	name: string | null;
	status: string | null;
	url: string | null;
	api_key: string | null;
	schema: unknown;
	users_notification: { directus_users_id: string | null }[] | null;
};

const EMPTY: Listing = new Map();

export function createSources(context: Context): SourcesPort {
	const readApiKeys = createApiKeys(context);

	return {
		list: async () => {
			const schema = await context.getSchema();
			if (!schema.collections[TABLES.sources]) return [];
			const service = new context.services.ItemsService(TABLES.sources, {
				knex: context.database,
				schema,
				accountability: null,
			});
			const fields = ['id', 'name', 'status', 'url', 'schema', 'users_notification.directus_users_id'];
			const items = await service.readByQuery({ fields, limit: -1, sort: ['id'] }, { emitEvents: false });
			const keys = await readApiKeys(service);
			return items.map((item) => toSource({ ...item, api_key: keys.get(item.id) ?? null } as SourceItem));
		},
		report: async (id, { syncedAt, error }) => {
			await context
				.database(TABLES.sources)
				.where({ id })
				.update({
					...(syncedAt !== undefined && { last_synced_at: new Date(syncedAt) }),
					...(error !== undefined && { last_error: error }),
				});
		},
	};
}

function toSource(item: SourceItem): Source {
	const listing = parseListing(item.schema);
	const url = checkRemoteUrl(item.url);
	return {
		id: item.id,
		name: item.name || item.url || item.id,
		published: item.status === 'published',
		url: url.ok ? url.url : (item.url ?? ''),
		apiKey: item.api_key,
		listing: listing.ok ? listing.listing : EMPTY,
		configurationError: configurationError(item, listing, url),
		usersNotification: (item.users_notification ?? []).flatMap((user) => user.directus_users_id ?? []),
	};
}

function configurationError(
	item: SourceItem,
	listing: ReturnType<typeof parseListing>,
	url: ReturnType<typeof checkRemoteUrl>,
): string | null {
	if (!url.ok) return url.error;
	if (!item.api_key) return 'The API key is empty: enter the static token of the Data Sync user of the remote.';
	return listing.ok ? null : listing.error;
}
