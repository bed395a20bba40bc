import type { SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';
import createKnex from 'knex';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readableSchema } from '../../src/directus/readable-schema.ts';

const schemaOf = (types: Record<string, string>): SchemaOverview =>
	({
		collections: {
			places: { collection: 'places', primary: 'id', fields: mapTypes(types) },
			notes: { collection: 'notes', primary: 'id', fields: mapTypes({ id: 'uuid' }) },
		},
		relations: [],
	}) as unknown as SchemaOverview;

const mapTypes = (types: Record<string, string>) =>
	Object.fromEntries(Object.entries(types).map(([field, type]) => [field, { field, type }]));

const typesOf = (schema: SchemaOverview) =>
	Object.values(schema.collections.places?.fields ?? {}).map(({ field, type }) => [field, type]);

describe('the schema on SQLite without SpatiaLite', () => {
	let knex: Knex;

	beforeEach(() => {
		knex = createKnex({ client: 'sqlite3', connection: { filename: ':memory:' }, useNullAsDefault: true });
	});
	afterEach(() => knex.destroy());

	it('tells geometry fields as unknown, and no others', async () => {
		const schema = schemaOf({ id: 'uuid', area: 'geometry', at: 'geometry.Point', data: 'json' });
		expect(typesOf(await readableSchema(knex, schema))).toEqual([
			['id', 'uuid'],
			['area', 'unknown'],
			['at', 'unknown'],
			['data', 'json'],
		]);
	});

	it('leaves the schema of Directus as it is', async () => {
		const schema = schemaOf({ id: 'uuid', at: 'geometry.Point' });
		const readable = await readableSchema(knex, schema);
		expect(schema).toEqual(schemaOf({ id: 'uuid', at: 'geometry.Point' }));
		expect(readable.collections.notes).toBe(schema.collections.notes);
	});
});

it('the schema on PostgreSQL is that of Directus, and nothing is asked', async () => {
	const knex = createKnex({ client: 'pg' });
	const schema = schemaOf({ id: 'uuid', at: 'geometry.Point' });
	expect(await readableSchema(knex, schema)).toBe(schema);
	await knex.destroy();
});
