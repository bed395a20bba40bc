import createKnex from 'knex';
import { CHANGES, CHECKPOINTS, DELIVERIES, LEASES, SOURCES, STATE } from '../../schema.ts';
import { createLeases } from '../../src/directus/leases.ts';
import { createFeed } from '../../src/feed/directus/feed.ts';
import { createRetention } from '../../src/feed/directus/retention.ts';
import { createCheckpoints } from '../../src/link/directus/checkpoints.ts';
import { missingTables } from '../../src/setup/missing-tables.ts';
import { mysql, plain, postgres, sqlite } from '../simulator/memory/vendor.ts';
import { clock, createMemorySubject } from './memory.ts';
import { NODE, type TableSubject } from './subject.ts';
import { describePorts, describeTables } from './suite.ts';

async function onSqlite(): Promise<TableSubject> {
	const database = createKnex({
		client: 'sqlite3',
		connection: { filename: ':memory:' },
		useNullAsDefault: true,
		pool: { min: 1, max: 1 },
	});
	for (const { create } of await missingTables({ database })) await create();
	// Of the collections, which Directus' services make, as much as cleaning looks at.
	await database.schema.createTable(SOURCES, (table) => table.string('id'));
	await database.schema.createTable(DELIVERIES, (table) => table.string('source'));
	await database(STATE).insert({ id: 1, node: NODE, last_seq: 0, installed_at: 1 });

	const ports = () => ({
		feed: createFeed(database, clock()),
		checkpoints: createCheckpoints(database),
		leases: createLeases(database),
		leasesOfAnother: createLeases(database),
		retention: createRetention(database),
	});
	const subject: TableSubject = {
		...ports(),
		reset: async () => {
			for (const table of [CHANGES, CHECKPOINTS, LEASES]) await database(table).delete();
			await database(STATE).update({ last_seq: 0, forgotten: null });
			Object.assign(subject, ports());
		},
		end: () => database.destroy(),
	};
	return subject;
}

for (const vendor of [plain, sqlite, postgres, mysql]) {
	describePorts(`in memory, with the values and locks of: ${vendor.name}`, () => createMemorySubject(vendor));
}

describeTables('on the tables in SQLite, without Directus', onSqlite);
