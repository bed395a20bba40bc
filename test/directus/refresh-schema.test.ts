import type { SchemaOverview } from '@directus/types';
import { describe, expect, it } from 'vitest';
import { refreshSchema } from '../../src/directus/refresh-schema.ts';

type Context = Parameters<typeof refreshSchema>[0];

const schemaOf = (...collections: string[]): SchemaOverview =>
	({
		collections: Object.fromEntries(collections.map((name) => [name, { collection: name }])),
		relations: [],
	}) as never;

/** Directus with a cache that may be outdated, and how often that was cleared. */
function createContext(cached: SchemaOverview, actual: SchemaOverview) {
	let held = Object.freeze(structuredClone(cached));
	let cleared = 0;
	class UtilsService {
		async clearCache() {
			cleared += 1;
			held = Object.freeze(structuredClone(actual));
		}
	}
	const getSchema = async (options?: { bypassCache?: boolean }) => (options?.bypassCache ? actual : held);
	return {
		context: { services: { UtilsService }, getSchema, database: null } as unknown as Context,
		cleared: () => cleared,
	};
}

describe('refreshing the schema', () => {
	it('drops what is cached when the database has another one, whoever has changed that', async () => {
		const { context, cleared } = createContext(schemaOf('articles'), schemaOf('articles', 'pages'));
		await refreshSchema(context);
		expect(cleared()).toBe(1);
		expect(await context.getSchema()).toEqual(schemaOf('articles', 'pages'));
		await refreshSchema(context);
		expect(cleared()).toBe(1);
	});

	it('leaves the cache alone when that is up to date', async () => {
		const { context, cleared } = createContext(schemaOf('articles'), schemaOf('articles'));
		await refreshSchema(context);
		expect(cleared()).toBe(0);
	});
});
