/** What leases on the tables do beyond what test/conformance/leases.ts asks of all implementations. */
import type { Knex } from 'knex';
import createKnex from 'knex';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LEASES } from '../../schema.ts';
import { createLeases } from '../../src/directus/leases.ts';
import { missingTables } from '../../src/setup/missing-tables.ts';

describe('leases in a table', () => {
	let knex: Knex;

	beforeEach(async () => {
		const connection = { filename: ':memory:' };
		knex = createKnex({ client: 'sqlite3', connection, useNullAsDefault: true, pool: { min: 1, max: 1 } });
		for (const { create } of await missingTables({ database: knex })) await create();
	});
	afterEach(() => knex.destroy());

	const expiry = async () => (await knex(LEASES).where({ name: 'a' }).first('expires_at'))?.expires_at;

	it('are kept up until they are released', async () => {
		const leases = createLeases(knex);
		await leases.take('a', 20);
		const first = await expiry();
		await vi.waitFor(async () => expect(await expiry()).toBeGreaterThan(first + 20));
		await leases.release('a');
		expect(await expiry()).toBe(null);
	});

	it('are not taken back from whoever has got them meanwhile', async () => {
		const [stalled, other] = [createLeases(knex), createLeases(knex)];
		await stalled.take('a', -1);
		await other.take('a', 60_000);
		const [{ owner }] = await knex(LEASES).select('owner');
		await stalled.release('a');
		expect(await knex(LEASES).select('owner')).toEqual([{ owner }]);
		await other.release('a');
	});

	it('survive that their table is emptied while they are in use', async () => {
		const leases = createLeases(knex);
		await leases.take('a', 60_000);
		await leases.release('a');
		await knex(LEASES).delete();
		expect(await leases.take('a', 60_000)).toBe(true);
		await leases.release('a');
	});
});
