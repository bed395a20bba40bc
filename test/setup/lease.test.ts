import type { Knex } from 'knex';
import createKnex from 'knex';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LEASES } from '../../schema.ts';
import { createLeases } from '../../src/directus/leases.ts';
import { withLease } from '../../src/setup/lease.ts';
import { missingTables } from '../../src/setup/missing-tables.ts';

describe('the lease of setup', () => {
	let database: Knex;

	beforeEach(async () => {
		const connection = { filename: ':memory:' };
		database = createKnex({ client: 'sqlite3', connection, useNullAsDefault: true, pool: { min: 1, max: 1 } });
		for (const { create } of await missingTables({ database })) await create();
	});
	afterEach(() => database.destroy());

	const isFree = async () => {
		const leases = createLeases(database);
		const taken = await leases.take('setup', 60_000);
		await leases.release('setup');
		return taken;
	};

	it('lets one at a time work and is free afterwards', async () => {
		const steps: string[] = [];
		const worker = (name: string) =>
			withLease({ database }, async () => {
				steps.push(`${name} starts`);
				expect(await isFree()).toBe(false);
				steps.push(`${name} ends`);
			});

		await Promise.all([worker('a'), worker('b')]);
		expect(steps).toEqual(
			steps[0] === 'a starts'
				? ['a starts', 'a ends', 'b starts', 'b ends']
				: ['b starts', 'b ends', 'a starts', 'a ends'],
		);
		expect(await isFree()).toBe(true);
	});

	it('is given back when the work fails', async () => {
		await expect(withLease({ database }, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
		expect(await isFree()).toBe(true);
	});

	it('passes on from whoever crashed with it', async () => {
		await database(LEASES).insert({ name: 'setup', owner: 'crashed', expires_at: Date.now() - 1 });
		expect(await withLease({ database }, async () => 'done')).toBe('done');
	});
});
