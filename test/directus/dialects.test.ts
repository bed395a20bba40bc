import createKnex, { type Knex } from 'knex';
import { afterEach, describe, expect, it } from 'vitest';
import { databaseFault, dialectOf, isFaultOfQuery } from '../../src/directus/dialects/index.ts';
import { mysql } from '../../src/directus/dialects/mysql.ts';
import { postgres } from '../../src/directus/dialects/postgres.ts';
import { sqlite } from '../../src/directus/dialects/sqlite.ts';

/** A connection is all that is looked at; drivers need not be installed. */
const connectedBy = (client: string): Knex => ({ client: { config: { client } } }) as Knex;

const thrown = (code: string, message = '', more: object = {}): Error =>
	Object.assign(new Error(message), { code, ...more });

describe('the dialect of a connection', () => {
	it.each([
		['pg', postgres],
		['mysql', mysql],
		['mysql2', mysql],
		['sqlite3', sqlite],
		['better-sqlite3', sqlite],
	])('is found by its client, %s', (client, dialect) => {
		expect(dialectOf(connectedBy(client))).toBe(dialect);
	});

	it('is that of PostgreSQL for others, but for the counters of keys and the limit of waits', () => {
		expect(dialectOf(connectedBy('cockroachdb'))).toEqual({ ...postgres, advanceSequence: null, limitLockWaits: null });
	});
});

describe('what a database says', () => {
	it.each([
		[thrown('40P01'), 'busy'],
		[thrown('40001'), 'busy'],
		[thrown('55P03'), 'busy'],
		[thrown('23505'), 'not_unique'],
		[thrown('23503'), 'foreign_key'],
		[thrown('22P02'), 'data'],
		[thrown('54000'), 'data'],
		[thrown('42804'), 'data'],
		[thrown('XX000', 'parse error', { file: 'lwgeom_pg.c' }), 'data'],
		[thrown('ER_LOCK_DEADLOCK'), 'busy'],
		[thrown('ER_LOCK_WAIT_TIMEOUT'), 'busy'],
		[thrown('ER_DUP_ENTRY'), 'not_unique'],
		[thrown('ER_ROW_IS_REFERENCED_2'), 'foreign_key'],
		[thrown('ER_NO_REFERENCED_ROW_2'), 'foreign_key'],
		[thrown('SQLITE_BUSY'), 'busy'],
		[thrown('SQLITE_CONSTRAINT', 'SQLITE_CONSTRAINT: UNIQUE constraint failed: a.b'), 'not_unique'],
		[thrown('SQLITE_CONSTRAINT', 'SQLITE_CONSTRAINT: FOREIGN KEY constraint failed'), 'foreign_key'],
	] as const)('is understood whichever it is: %s', (error, fault) => {
		expect(databaseFault(error)).toBe(fault);
	});

	it('tells a query that can not be used from one that could not be asked', () => {
		const unusable = [
			thrown('42703'),
			thrown('22P02'),
			thrown('SQLITE_ERROR'),
			thrown('ER_BAD_FIELD_ERROR', '', { sqlState: '42S22' }),
		];
		for (const error of unusable) expect(isFaultOfQuery(error)).toBe(true);
		const others = [
			thrown('57P01'),
			thrown('SQLITE_BUSY'),
			thrown('ER_LOCK_DEADLOCK', '', { sqlState: '40001' }),
			null,
		];
		for (const error of others) expect(isFaultOfQuery(error)).toBe(false);
	});

	it('is not read into anything else', () => {
		const others = [
			thrown('42P01'),
			thrown('XX000', 'cache lookup failed'),
			thrown('ECONNRESET'),
			new Error('no'),
			null,
		];
		for (const error of others) expect(databaseFault(error)).toBeNull();
	});
});

describe('SQLite', () => {
	let knex: Knex;
	afterEach(() => knex.destroy());

	it('reads numbers and moments exactly that Directus does not', async () => {
		knex = createKnex({ client: 'sqlite3', connection: { filename: ':memory:' }, useNullAsDefault: true });
		await knex.schema.createTable('notes', (table) => {
			table.bigInteger('id');
			table.bigInteger('count');
			table.double('size');
			table.timestamp('at');
		});
		await knex.raw('insert into notes values (9007199254740993, 9007199254740995, 1e300, 0)');
		const types: Record<string, string> = { id: 'bigInteger', count: 'bigInteger', size: 'float', at: 'timestamp' };
		const row = { table: 'notes', primaryKey: 'id', key: '9007199254740993' };
		const read = await knex('notes').first();
		expect(await sqlite.exact?.values(knex, row, read, (field) => types[field])).toEqual({
			id: '9007199254740993',
			count: '9007199254740995',
			size: 1e300,
			at: '1970-01-01T00:00:00.000Z',
		});
		const keys = await knex('notes').select(sqlite.exact?.key(knex, 'id') ?? 'id');
		expect(keys).toEqual([{ id: '9007199254740993' }]);
	});
});
