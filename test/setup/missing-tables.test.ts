import type { Knex } from 'knex';
import createKnex from 'knex';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHANGES, TABLE_DEFINITIONS } from '../../schema.ts';
import { missingTables } from '../../src/setup/missing-tables.ts';

let database: Knex;

beforeEach(() => {
	const connection = { filename: ':memory:' };
	database = createKnex({ client: 'sqlite3', connection, useNullAsDefault: true, pool: { min: 1, max: 1 } });
});
afterEach(() => database.destroy());

const names = async () => (await missingTables({ database })).map(({ name }) => name);

async function createAll() {
	for (const { create } of await missingTables({ database })) await create();
}

describe('the feed tables', () => {
	it('are created once, with all their columns', async () => {
		expect(await names()).toEqual(TABLE_DEFINITIONS.map(({ name }) => `table ${name}`));
		await createAll();
		expect(await names()).toEqual([]);
	});

	it('get a column that a later release adds, with rows in them', async () => {
		await createAll();
		await database(CHANGES).insert({ collection: 'articles', item: '1', stamps: '{}' });
		await database.schema.alterTable(CHANGES, (table) => {
			table.dropColumn('life');
			table.dropColumn('stamps');
		});

		expect(await names()).toEqual([`column ${CHANGES}.life`, `column ${CHANGES}.stamps`]);
		await createAll();
		expect(await names()).toEqual([]);
		expect(await database(CHANGES).first('life', 'stamps')).toEqual({ life: 0, stamps: null });
	});

	it('hold one row per item', async () => {
		await createAll();
		const row = { collection: 'articles', item: '1', stamps: '{}' };
		await database(CHANGES).insert(row);
		await expect(database(CHANGES).insert(row)).rejects.toThrow('UNIQUE');
		await database(CHANGES)
			.insert({ ...row, rev: 7 })
			.onConflict(['collection', 'item'])
			.merge();
		expect(await database(CHANGES).select('item', 'rev')).toEqual([{ item: '1', rev: 7 }]);
	});
});
