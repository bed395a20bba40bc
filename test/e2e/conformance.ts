/** The ports on real Directus services and a real database, as a subject of the conformance suite. */
import type { Accountability } from '@directus/types';
import { CHANGES, CHECKPOINTS, CONFLICTS, LEASES, STATE } from '../../schema.ts';
import { createApply } from '../../src/apply/directus/apply-transaction.ts';
import { createItems } from '../../src/content/directus/items.ts';
import { toKey } from '../../src/content/directus/to-shape.ts';
import type { Values } from '../../src/content/port.ts';
import { createLeases } from '../../src/directus/leases.ts';
import { createFeed } from '../../src/feed/directus/feed.ts';
import { createRetention } from '../../src/feed/directus/retention.ts';
import { createCheckpoints } from '../../src/link/directus/checkpoints.ts';
import { createDeliveries } from '../../src/push/directus/deliveries.ts';
import { clock } from '../conformance/memory.ts';
import { SOURCE_A, SOURCE_B, type Subject, shapeOf } from '../conformance/subject.ts';
import { createContent } from '../support/content.ts';
import { allow, DATA_SYNC_USER, DELIVERIES, SOURCES } from '../support/data-sync.ts';
import { loadServices } from '../support/directus-services.ts';
import { startInstance } from '../support/instance.ts';
import type { DatabaseChoice } from '../support/instance-database.ts';

/** In this order, for the sake of references. */
const CONTENT = ['articles', 'authors', 'pages', 'tickets'];

/** As Directus makes it from the token of the Data Sync user. */
const DATA_SYNC: Accountability = {
	user: DATA_SYNC_USER,
	role: null,
	roles: [],
	admin: false,
	app: false,
	ip: '127.0.0.1',
};

/** Installs Data Sync with the content in an instance, stops that, and takes its place. */
export async function createDirectusSubject(database: DatabaseChoice): Promise<Subject> {
	const instance = await startInstance({ name: 'conformance', database });
	await createContent(instance);
	await allow(instance, CONTENT);
	for (const id of [SOURCE_A, SOURCE_B]) {
		await instance.createItem(SOURCES, { id, name: id, url: 'http://127.0.0.1:1', schema: [], status: 'draft' });
	}
	await instance.stop();

	const context = await loadServices(instance);
	const knex = context.database;
	const ports = () => ({
		feed: createFeed(knex, clock()),
		checkpoints: createCheckpoints(knex),
		leases: createLeases(knex),
		leasesOfAnother: createLeases(knex),
		retention: createRetention(knex),
		items: createItems(context),
		deliveries: createDeliveries(context),
		apply: createApply(context, DATA_SYNC, { location: 'local', maxFileSize: null, mimeTypes: ['*/*'] }),
	});

	const subject: Subject = {
		...ports(),
		exclusive: database === 'sqlite',
		deliveryId: async (source, { collection, item }) => {
			const found = await knex(DELIVERIES).where({ source, collection, item }).first<{ id: string }>('id');
			return found.id;
		},
		put: async ({ collection, item }, values) => {
			const shape = shapeOf(collection);
			const service = new context.services.ItemsService(collection, {
				knex,
				schema: await context.getSchema(),
				accountability: null,
			});
			await service.upsertOne({ ...values, [shape.primaryKey]: toKey(shape, item) } as Values);
		},
		reset: async () => {
			for (const table of [...CONTENT, DELIVERIES, CHANGES, CHECKPOINTS, CONFLICTS, LEASES]) await knex(table).delete();
			await knex(STATE).update({ last_seq: 0, forgotten: null });
			Object.assign(subject, ports());
		},
		end: async () => {
			await knex.destroy();
			await instance.destroy();
		},
	};
	return subject;
}
