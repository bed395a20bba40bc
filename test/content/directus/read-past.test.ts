import { describe, expect, it } from 'vitest';
import { type ReadColumn, type ReadRows, readPast } from '../../../src/content/directus/read-past.ts';

type Stored = Record<string, Record<string, unknown>>;

/** Reads as Directus does: all in one go, or not at all when a value can't be read. */
function createTable(stored: Stored, fault: () => Error = () => new RangeError('Invalid time value')) {
	const table = { reads: 0, past: [] as string[] };
	const read: ReadRows = async (items, fields) => {
		table.reads += 1;
		const found = items.filter((item) => stored[item]);
		if (found.some((item) => fields.some((field) => stored[item]?.[field] === 'garbage'))) throw fault();
		return found.map((item) => {
			const values = fields.map((field) => [field, stored[item]?.[field]]);
			return { item, key: item, row: { id: item, ...Object.fromEntries(values) } };
		});
	};
	const readColumn: ReadColumn = async (key, field) => {
		table.past.push(`${key}.${field}`);
		return stored[key]?.[field];
	};
	return { table, read: (items: string[], fields: string[]) => readPast(read, readColumn, items, fields) };
}

describe('reading past what Directus can not read', () => {
	it('is one read where nothing is amiss', async () => {
		const { table, read } = createTable({ a: { at: 1 }, b: { at: 2 } });
		expect(await read(['a', 'b', 'gone'], ['at'])).toEqual([
			{ item: 'a', key: 'a', row: { id: 'a', at: 1 } },
			{ item: 'b', key: 'b', row: { id: 'b', at: 2 } },
		]);
		expect(table).toEqual({ reads: 1, past: [] });
	});

	it('takes only the values at fault from the database, in few reads', async () => {
		const items = Array.from({ length: 500 }, (_, index) => `i${index}`);
		const stored: Stored = Object.fromEntries(items.map((item) => [item, { at: 1, title: item }]));
		stored.i137 = { at: 'garbage', title: 'i137' };
		const { table, read } = createTable(stored);
		const rows = await read(items, ['title', 'at']);
		expect(rows.map(({ item }) => item)).toEqual(items);
		expect(rows[137]?.row).toEqual({ id: 'i137', title: 'i137', at: 'garbage' });
		expect(table.past).toEqual(['i137.at']);
		expect(table.reads).toBeLessThan(25);
	});

	it('takes no fault of the database for one of a value', async () => {
		class KnexTimeoutError extends Error {}
		const { table, read } = createTable({ a: { at: 'garbage' }, b: { at: 1 } }, () => new KnexTimeoutError('Busy'));
		await expect(read(['a', 'b'], ['at'])).rejects.toThrow('Busy');
		expect(table).toEqual({ reads: 1, past: [] });
	});

	it('makes JSON of whatever the driver gives', async () => {
		const given: [unknown, unknown][] = [
			[undefined, null],
			[Number.POSITIVE_INFINITY, 'Infinity'],
			[12n, '12'],
			[new Date(Number.NaN), 'Invalid Date'],
			[new Date(0), '1970-01-01T00:00:00.000Z'],
			[Buffer.from([1, 255]), '01ff'],
			['[[1]]', [[1]]],
			['{"a"', '{"a"'],
			[9e18, 9e18],
		];
		for (const [raw, value] of given) {
			const failing: ReadRows = async (items, fields) => {
				if (fields.length > 0) throw new RangeError('Invalid time value');
				return items.map((item) => ({ item, key: item, row: { id: item } }));
			};
			const [read] = await readPast(failing, async () => raw, ['a'], ['at']);
			expect(read?.row).toEqual({ id: 'a', at: value });
		}
	});
});
