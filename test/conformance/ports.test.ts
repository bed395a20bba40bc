import createKnex from 'knex';
import { CHANGES, CHECKPOINTS, STATE } from '../../schema.ts';
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
	await database(STATE).insert({ id: 1, node: NODE, last_seq: 0, installed_at: 1 });

	const ports = () => ({
		feed: createFeed(database, clock()),
		checkpoints: createCheckpoints(database),
		otherProcess: createCheckpoints(database),
		retention: createRetention(database),
	});
	const subject: TableSubject = {
		...ports(),
		reset: async () => {
			for (const table of [CHANGES, CHECKPOINTS]) await database(table).delete();
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
