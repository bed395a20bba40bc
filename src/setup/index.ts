/**
 * The hook `data-sync-setup`. Directus awaits `app.after` before it listens, so whoever can send a request finds
 * everything in place; and after an installation from the Marketplace, which restarts nothing, `extensions.reload`
 * takes its part. Both fire in a server only: commands such as `bootstrap` and `database migrate` set up nothing.
 */
import type { HookConfig } from '@directus/types';
import { SOURCES } from '../../schema.ts';
import { readEnvironment } from '../directus/environment.ts';
import { createNotifier } from '../directus/notify.ts';
import { NotInstalledError } from '../directus/tables.ts';
import { readFullModel } from '../sources/directus/full-model.ts';
import { startDataSync } from '../start.ts';
import { createSourceFollower } from './follow-sources.ts';
import { install } from './install.ts';
import { refuseMovedKey } from './moved-key.ts';
import { refreshWhenStale } from './refresh.ts';
import { tryFilters } from './try-filters.ts';
import { type SourcePayload, validateSource } from './validate-source.ts';

const setup: HookConfig = ({ init, action, filter }, context) => {
	const follower = createSourceFollower(context);

	async function setUp() {
		const environment = readEnvironment(context);
		try {
			const wasMissing = await install(context, environment, createNotifier(context));
			const wasStale = await refreshWhenStale(context);
			await follower.follow({ reload: wasMissing || wasStale });
			await startDataSync(context);
		} catch (error) {
			// That the tables are missing has been said, and what to do, by whoever was not allowed to create them.
			if (environment.schemaChangesDisabled && error instanceof NotInstalledError) return;
			context.logger.error(error, 'Data Sync: setup failed; it tries again at the next start');
		}
	}

	init('app.after', setUp);
	action('extensions.reload', setUp);

	for (const event of ['create', 'update'] as const) {
		filter<SourcePayload>(`${SOURCES}.items.${event}`, async (payload, { keys }, { schema: known, database }) => {
			const schema = known ?? (await context.getSchema());
			const model = await readFullModel(schema, database);
			const checked = validateSource(payload, event, model);
			const stored = Array.isArray(keys) ? keys.map(String) : [];
			await refuseMovedKey(database, checked, stored);
			await tryFilters({ services: context.services, schema, database, model }, checked.schema, stored);
			return checked;
		});
	}
	for (const event of ['create', 'update', 'delete']) action(`${SOURCES}.items.${event}`, follower.sourcesChanged);
};

export default setup;
