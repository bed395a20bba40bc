/** What is lost of our own tables is made up for, as far as it can be. */

import type { Knex } from 'knex';
import createKnex from 'knex';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHANGES, CHECKPOINTS, STATE, TABLE_DEFINITIONS } from '../../schema.ts';
import { readState } from '../../src/directus/node-state.ts';
import { createCheckpoints } from '../../src/link/directus/checkpoints.ts';
import { NO_FINGERPRINT } from '../../src/link/fingerprint.ts';
import { missingTables } from '../../src/setup/missing-tables.ts';

const definition = TABLE_DEFINITIONS.find(({ name }) => name === CHECKPOINTS);
/** What a table of checkpoints has had from the beginning. */
const EARLY = ['source', 'seq', 'target', 'node', 'fingerprint'];

describe('a database whose tables of ours', () => {
	let knex: Knex;

	beforeEach(async () => {
		knex = createKnex({ client: 'sqlite3', connection: { filename: ':memory:' }, useNullAsDefault: true });
		for (const { create } of await missingTables({ database: knex })) await create();
	});
	afterEach(() => knex.destroy());

	it('are new numbers from the start', async () => {
		expect(await readState(knex, 'https://a.example')).toMatchObject({ lastSeq: 0, publicUrl: 'https://a.example' });
	});

	it('have lost the state numbers on after the feed and all that was asked for, so that nothing is stepped over', async () => {
		const first = await readState(knex, null);
		await knex(CHANGES).insert({ collection: 'notes', item: '1', seq: 7, rev: 1, life: 1, stamps: '{}' });
		await knex(STATE).delete();
		expect((await readState(knex, null)).lastSeq).toBe(7);
		await knex(STATE).delete();
		await createCheckpoints(knex).request(['source'], 9);
		const again = await readState(knex, null);
		expect(again.lastSeq).toBe(9);
		expect(again.node).not.toBe(first.node);
	});

	it('were made by an earlier version keep what they have, and get what they lack', async () => {
		await knex.schema.alterTable(CHECKPOINTS, (table) => {
			for (const { name } of definition?.columns ?? []) if (!EARLY.includes(name)) table.dropColumn(name);
			table.string('lease_owner', 36);
		});
		const stored = { source: 'source', seq: 5, target: 7, node: '0000000000bb', fingerprint: '0123456789abcdef' };
		await knex(CHECKPOINTS).insert({ ...stored, lease_owner: 'somebody' });
		for (const { create } of await missingTables({ database: knex })) await create();

		const checkpoints = createCheckpoints(knex);
		const configuration = '0123456789abcdef';
		expect(await checkpoints.read('source')).toMatchObject({
			progress: { seq: 5, target: 7, fingerprint: { kind: 'finished', configuration }, reconcileSince: null },
			link: { node: '0000000000bb', turns: [null] },
			health: { attempts: 0, warnings: [], conflicts: 0 },
		});
		await checkpoints.saveHealth('source', { attempts: 1, error: 'Gone.' });
		expect((await checkpoints.read('source')).health).toMatchObject({ attempts: 1, error: 'Gone.' });
	});

	it('have lost a checkpoint while it was in use starts it over', async () => {
		const checkpoints = createCheckpoints(knex);
		await checkpoints.saveProgress('source', { seq: 5 });
		await knex(CHECKPOINTS).delete();
		expect(await checkpoints.read('source')).toMatchObject({ progress: { seq: 0, fingerprint: NO_FINGERPRINT } });
	});
});
