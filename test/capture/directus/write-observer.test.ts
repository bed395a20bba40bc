import type { Knex } from 'knex';
import createKnex from 'knex';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStatement } from '../../../src/capture/directus/read-statement.ts';
import { type Observed, observeWrites, type WriteObserver } from '../../../src/capture/directus/write-observer.ts';
import { itemId } from '../../../src/replication/change.ts';

const primaryKeyOf = (table: string) => (table === 'notes' ? 'id' : null);
const tables = { isContent: (table: string) => table !== 'other', primaryKeyOf };

describe('readStatement', () => {
	const clients = ['sqlite3', 'pg', 'mysql2'].map(
		(client) => [client, createKnex({ client, useNullAsDefault: true })] as const,
	);

	const read = (query: Knex.QueryBuilder, response: unknown = 1) => {
		const { sql, bindings } = query.toSQL().toNative();
		return readStatement({ sql, bindings }, response, tables);
	};

	describe.each(clients)('in the words of %s', (_client, knex) => {
		it('reads what an update sets, and of which items', () => {
			const update = { kind: 'update', table: 'notes', columns: ['title', 'body'] };
			const set = { title: 'where', body: 'x' };
			expect(read(knex('notes').update(set).whereIn('id', [1, 2, 3]))).toEqual({ ...update, keys: ['1', '2', '3'] });
			expect(read(knex('notes').update(set).where({ id: 'a' }))).toEqual({ ...update, keys: ['a'] });
			expect(read(knex('notes').update(set).where('title', 'a'))).toEqual({ ...update, keys: null });
			expect(read(knex('notes').update(set).where('id', '>', 1))).toEqual({ ...update, keys: null });
			expect(read(knex('notes').update(set).where('title', 'a').whereIn('id', [1]))).toEqual({ ...update, keys: null });
			expect(read(knex('notes').update(set))).toEqual({ ...update, keys: null });
			const shift = knex('notes').decrement('sort', 1).where('sort', '>', 2).andWhereNot({ id: 1 });
			expect(read(shift)).toEqual({ ...update, columns: ['sort'], keys: null });
		});

		it('reads which items are deleted', () => {
			const gone = { kind: 'delete', table: 'notes', columns: null };
			expect(read(knex('notes').delete().whereIn('id', ['a', 'b']))).toEqual({ ...gone, keys: ['a', 'b'] });
			expect(read(knex('notes').delete())).toEqual({ ...gone, keys: null });
		});

		it('reads which items are inserted, from the statement or its response', () => {
			const added = { kind: 'insert', table: 'notes', columns: null };
			const given = knex('notes').insert({ body: knex.raw('null'), id: 'given', title: 'a' });
			expect(read(given, [0])).toEqual({ ...added, keys: ['given'] });
			expect(read(knex('notes').insert({ title: 'a', id: 'given' }), [0])).toEqual({ ...added, keys: ['given'] });
			expect(read(knex('notes').insert({ title: 'a' }), [{ id: 7 }])).toEqual({ ...added, keys: ['7'] });
			expect(read(knex('notes').insert({ title: 'a' }), [7])).toEqual({ ...added, keys: ['7'] });
			expect(read(knex('notes').insert([{ title: 'a' }, { title: 'b' }]), [{ id: 7 }, { id: 8 }])).toEqual({
				...added,
				keys: ['7', '8'],
			});
			expect(read(knex('notes').insert({ title: 'a' }), { rowCount: 1 })).toEqual({ ...added, keys: null });
		});

		it('reads nothing from what writes nothing, or no content', () => {
			expect(read(knex('other').insert({ title: 'a' }))).toBeNull();
			expect(read(knex('notes').where({ title: 'update notes set' }))).toBeNull();
			expect(readStatement({ sql: 'BEGIN;' }, undefined, tables)).toBeNull();
			expect(readStatement({ sql: 'alter table notes add x' }, undefined, tables)).toBeNull();
		});
	});

	it('reads plain SQL', () => {
		const written = { kind: 'update', table: 'notes', keys: null };
		expect(readStatement({ sql: "\n UPDATE notes\nSET title = 'x' WHERE true" }, 1, tables)).toMatchObject(written);
	});
});

describe('observeWrites', () => {
	let knex: Knex;
	let observer: WriteObserver;
	let seen: Observed[];

	beforeEach(async () => {
		knex = createKnex({
			client: 'sqlite3',
			connection: { filename: ':memory:' },
			useNullAsDefault: true,
			pool: { min: 1, max: 1 },
		});
		for (const name of ['notes', 'data_sync_changes', 'directus_users']) {
			await knex.schema.createTable(name, (table) => {
				table.increments('id');
				table.string('title');
			});
		}
		seen = [];
		observer = observeWrites(knex, primaryKeyOf, async (observed) => void seen.push(observed));
	});

	afterEach(() => knex.destroy());

	const item = (key: string, created: boolean, changed: string[] | null, deleted = false) => ({
		collection: 'notes',
		item: key,
		created,
		onlyUpdated: !created && !deleted,
		deleted,
		changed,
	});

	it('tells at once of what is written outside a transaction, and not of what is no content', async () => {
		await knex('notes').insert({ title: 'a' }).returning('id');
		await knex('notes').update({ title: 'b' }).where({ id: 1 });
		await knex('data_sync_changes').insert({ title: 'a' });
		await knex('directus_users').insert({ title: 'a' });
		expect(seen).toEqual([
			{ items: [item('1', true, null)], collections: [] },
			{ items: [item('1', false, ['title'])], collections: [] },
		]);
	});

	it('tells of a transaction when it has committed', async () => {
		await knex.transaction(async (transaction) => {
			await transaction('notes').insert({ title: 'a' }).returning('id');
			await transaction('notes').update({ title: 'b' }).whereIn('id', [1]);
			await transaction.transaction((savepoint) => savepoint('notes').update({ title: 'c' }));
			expect(seen).toEqual([]);
			expect(observer.open(new Set([itemId('notes', '2')]))).toEqual([]);
			expect(observer.open(new Set([itemId('notes', '1')]))).toHaveLength(1);
		});
		await knex('notes');
		expect(seen).toEqual([
			{ items: [item('1', true, null)], collections: [{ collection: 'notes', columns: ['title'] }] },
		]);
	});

	it('tells that an item was deleted, also when it has been created again since', async () => {
		await knex('notes').insert({ id: 1, title: 'a' });
		seen.length = 0;
		await knex('notes').where({ id: 1 }).delete();
		await knex.transaction(async (transaction) => {
			await transaction('notes').insert({ id: 1, title: 'b' });
			await transaction('notes').whereIn('id', [1]).delete();
			await transaction('notes').insert({ id: 1, title: 'c' });
		});
		await knex('notes');
		expect(seen).toEqual([
			{ items: [item('1', false, null, true)], collections: [] },
			{ items: [item('1', true, null, true)], collections: [] },
		]);
	});

	it('says nothing of what was rolled back, nor of what is known by other means', async () => {
		await knex('notes').insert([{ title: 'a' }]);
		seen.length = 0;
		await knex
			.transaction(async (transaction) => {
				await transaction('notes').update({ title: 'b' }).where({ id: 1 });
				throw new Error('no');
			})
			.catch(() => undefined);
		await knex.transaction(async (transaction) => {
			await transaction('notes').update({ title: 'c' }).where({ id: 1 });
			observer.forget(transaction, 'notes', '1');
		});
		await knex('notes');
		expect(seen).toEqual([]);
	});

	it('fails nobody, whatever it stumbles over', async () => {
		observer.stop();
		const stumble = () => {
			throw new Error('stumbled');
		};
		observer = observeWrites(knex, stumble, async () => undefined);
		await knex('notes').insert([{ title: 'a' }]);
		await knex.transaction((transaction) => transaction('notes').update({ title: 'b' }));
		expect(await knex('notes').select('title')).toEqual([{ title: 'b' }]);
	});

	it('hears nothing any more when it is stopped', async () => {
		observer.stop();
		await knex('notes').insert([{ title: 'a' }]);
		expect(seen).toEqual([]);
	});
});
