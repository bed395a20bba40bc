import type { Knex } from 'knex';
import createKnex from 'knex';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHECKPOINTS, CONFLICTS } from '../../../schema.ts';
import { noteConflicts } from '../../../src/apply/directus/note-conflicts.ts';
import type { NotedConflict } from '../../../src/apply/port.ts';
import { OWN_CHECKPOINT } from '../../../src/link/port.ts';
import type { Timestamp } from '../../../src/replication/timestamp.ts';
import { missingTables } from '../../../src/setup/missing-tables.ts';

const at = (number: number): Timestamp => `00000000000${number}-0000-0000000000aa0001` as Timestamp;
const conflict = (options: Partial<NotedConflict> = {}): NotedConflict => ({
	collection: 'articles',
	item: '1',
	field: 'title',
	winner: at(9),
	loser: at(1),
	source: 'a',
	...options,
});

describe('noted conflicts', () => {
	let database: Knex;

	beforeEach(async () => {
		const pool = { min: 1, max: 1 };
		database = createKnex({
			client: 'sqlite3',
			connection: { filename: ':memory:' },
			useNullAsDefault: true,
			pool,
		});
		for (const { create } of await missingTables({ database })) await create();
		await database(CHECKPOINTS).insert(['a', 'b'].map((source) => ({ source })));
	});
	afterEach(() => database.destroy());

	const counts = async () => {
		const rows = await database(CHECKPOINTS).select('source', 'conflicts', 'last_conflict_at');
		return Object.fromEntries(rows.map((row) => [row.source, [row.conflicts, row.last_conflict_at]]));
	};

	it('are counted for their source and for the node', async () => {
		await noteConflicts(database, [conflict(), conflict({ field: 'body' }), conflict({ item: '2', source: 'b' })], 5);
		expect(await counts()).toEqual({ [OWN_CHECKPOINT]: [3, 5], a: [2, 5], b: [1, 5] });
	});

	it('are counted for the node where no source fits', async () => {
		await noteConflicts(database, [conflict({ source: null })], 5);
		expect(await counts()).toEqual({ [OWN_CHECKPOINT]: [1, 5], a: [0, null], b: [0, null] });
	});

	it('are counted once, whoever tells of them again, and also when a still later write wins', async () => {
		await noteConflicts(database, [conflict()], 5);
		await noteConflicts(database, [conflict(), conflict({ source: 'b', winner: at(8) })], 6);
		expect(await counts()).toEqual({ [OWN_CHECKPOINT]: [1, 5], a: [1, 5], b: [0, null] });
		await noteConflicts(database, [conflict({ loser: at(2) })], 7);
		expect(await counts()).toEqual({ [OWN_CHECKPOINT]: [2, 7], a: [2, 7], b: [0, null] });
	});

	it('wait to be told, except for those of items that are gone', async () => {
		await noteConflicts(database, [conflict(), conflict({ item: '2', field: null })], 5);
		const rows = await database(CONFLICTS).select('item', 'field', 'told_at').orderBy('item');
		expect(rows).toEqual([
			{ item: '1', field: 'title', told_at: null },
			{ item: '2', field: '', told_at: 5 },
		]);
	});

	it('may be thousands at once', async () => {
		const many = Array.from({ length: 2500 }, (_, index) => conflict({ item: String(index) }));
		await noteConflicts(database, many, 5);
		await noteConflicts(database, many, 6);
		expect((await counts()).a).toEqual([2500, 5]);
	});
});
