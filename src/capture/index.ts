/**
 * The hook `data-sync-capture`: notes what is written, inside the writer's own transaction, and hears of changes to
 * the configuration. It must never fail a save, so everything in it ends as a log line at worst.
 */
import type { HookConfig } from '@directus/types';
import type { Knex } from 'knex';
import { PUSH_FLOW_ID } from '../../schema.ts';
import { isSyncableCollection } from '../content/syncable.ts';
import { isPusher, refreshPushers, rereadPushers } from '../directus/pushers.ts';
import { forgetSchema } from '../directus/schema-memo.ts';
import { TABLES } from '../directus/tables.ts';
import { CONTENT, FILES } from '../replication/file-content.ts';
import { dataSync } from '../start.ts';
import { isItemAction } from './directus/markers.ts';

type Revision = { collection?: unknown; item?: unknown; delta?: unknown };
type Activity = { action?: unknown; collection?: unknown; item?: unknown; user?: string | null };

const capture: HookConfig = ({ filter, action }, { database: root }) => {
	filter<Activity>('activity.create', async (activity, _meta, { database }) => {
		const { collection, item } = activity;
		const captures = dataSync()?.captures;

		if (captures && typeof collection === 'string' && isSyncableCollection(collection) && database.isTransaction) {
			if (!isItemAction(activity.action) || item === undefined || item === null) return activity;
			const [transaction, key] = [database as Knex.Transaction, String(item)];
			// Not awaited: it must not wait for the connection that this very transaction may have.
			refreshPushers(root).catch(() => undefined);
			if (isPusher(activity.user)) captures.noteApplied(transaction, collection, key);
			else await captures.note(transaction, collection, key, activity.action);
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
	action('files.upload', ({ key }, { accountability }) => {
		if (!isPusher(accountability?.user)) dataSync()?.captures.noteUploaded(String(key));
	});

	// Dragging moves many items by one statement that names none of them.
	action('items.sort', ({ collection }, { schema }) => {
		const field = typeof collection === 'string' && schema?.collections[collection]?.sortField;
		if (field) dataSync()?.captures.noteSorted(collection, field);
	});

	for (const event of ['create', 'update', 'delete']) {
		action(`${TABLES.sources}.items.${event}`, ({ keys }) => {
			// A new source's remote has not refused anything yet, and what it refuses from now on is not to be sent twice.
			dataSync()?.worker.configurationChanged(event === 'update' && Array.isArray(keys) ? keys.map(String) : []);
		});
	}

	for (const what of ['collections', 'fields', 'relations']) {
		for (const event of ['create', 'update', 'delete']) action(`${what}.${event}`, forgetSchema);
	}

	for (const what of ['access', 'policies', 'roles', 'users']) {
		for (const event of ['create', 'update', 'delete']) action(`${what}.${event}`, () => void rereadPushers(root));
	}

	action('server.stop', () => dataSync()?.worker.stop());

	action('flows.update', ({ keys, payload }) => {
		if (Array.isArray(keys) && keys.includes(PUSH_FLOW_ID) && payload?.status !== undefined) {
			void dataSync()?.worker.flowSwitched(payload.status === 'active');
		}
	});
};

export default capture;
