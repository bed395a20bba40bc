/**
 * The hook `data-sync-capture`: notes what is written, inside the writer's own transaction, and hears of changes to
 * the configuration. It must never fail a save, so everything in it ends as a log line at worst.
 */
import type { HookConfig } from '@directus/types';
import type { Knex } from 'knex';
import { PUSH_FLOW_ID, USER_ID } from '../../schema.ts';
import { isSyncableCollection } from '../delivery/listing.ts';
import { dataSync } from '../directus/context.ts';
import { isItemWrite, type WriteAction } from '../directus/markers.ts';
import { forgetSchema } from '../directus/schema-memo.ts';
import { TABLES } from '../directus/tables.ts';
import { CONTENT, FILES } from '../replication/content.ts';

type Revision = { collection?: unknown; item?: unknown; delta?: unknown };
type Activity = { action?: unknown; collection?: unknown; item?: unknown; user?: unknown };

const capture: HookConfig = ({ filter, action }) => {
	filter<Activity>('activity.create', async (activity, _meta, { database }) => {
		const { collection, item } = activity;
		const running = dataSync();
		const isContent = typeof collection === 'string' && isSyncableCollection(collection) && isItemWrite(activity);

		if (running && isContent && item !== undefined && item !== null && database.isTransaction) {
			await running.captures.note(
				database as Knex.Transaction,
				collection,
				String(item),
				activity.action as WriteAction,
			);
		}

		return activity;
	});

	// Directus writes the revision right after its activity row, in the same transaction.
	filter<Revision>('revisions.create', (revision, _meta, { database }) => {
		const { collection, item, delta } = revision;

		if (typeof collection === 'string' && item !== undefined && database.isTransaction) {
			const fields = Object.keys(typeof delta === 'object' && delta !== null ? delta : {});
			// Only an upload writes where the bytes are.
			const changed = collection === FILES && fields.includes('filename_disk') ? [...fields, CONTENT] : fields;
			dataSync()?.captures.noteChanged(database as Knex.Transaction, collection, String(item), changed);
		}

		return revision;
	});

	// The bytes are complete only now, long after the row was written.
	action('files.upload', async ({ key }, { accountability }) => {
		const running = dataSync();
		if (!running || accountability?.user === USER_ID) return;
		await running.captures.touch([
			{ collection: FILES, item: String(key), at: running.ports.clock.stamp(), created: false, changed: [CONTENT] },
		]);
		running.worker.wakeSoon();
	});

	for (const event of ['create', 'update', 'delete']) {
		action(`${TABLES.sources}.items.${event}`, () => dataSync()?.worker.configurationChanged());
	}

	for (const what of ['collections', 'fields', 'relations']) {
		for (const event of ['create', 'update', 'delete']) action(`${what}.${event}`, forgetSchema);
	}

	action('server.stop', () => dataSync()?.worker.stop());

	action('flows.update', ({ keys, payload }) => {
		if (Array.isArray(keys) && keys.includes(PUSH_FLOW_ID) && payload?.status !== undefined) {
			void dataSync()?.worker.flowSwitched(payload.status === 'active');
		}
	});
};

export default capture;
