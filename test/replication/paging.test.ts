import { describe, expect, test } from 'vitest';
import { chunks, PAGE_SIZE, pages } from '../../src/replication/paging.ts';

/** Rows by number, read as a table is: those after a key, in order, up to a limit. */
function table(count: number) {
	const rows = Array.from({ length: count }, (_, index) => index + 1);
	const reads: (number | null)[] = [];
	const read = (after: number | null, limit: number): Promise<number[]> => {
		reads.push(after);
		return Promise.resolve(rows.filter((row) => row > (after ?? 0)).slice(0, limit));
	};
	return { rows, reads, read };
}

async function collect(all: AsyncGenerator<number[]>): Promise<number[][]> {
	const found: number[][] = [];
	for await (const page of all) found.push(page);
	return found;
}

const itself = (row: number): number => row;

describe('chunks', () => {
	test('are the whole list, in order, each as large as may be', () => {
		expect(chunks([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
		expect(chunks([])).toEqual([]);
		expect(chunks(table(PAGE_SIZE * 2).rows).map(({ length }) => length)).toEqual([PAGE_SIZE, PAGE_SIZE]);
	});
});

describe('pages', () => {
	test('are all rows, each page after the last row of the one before', async () => {
		const { read, reads } = table(5);
		expect(await collect(pages(read, itself, { size: 2 }))).toEqual([[1, 2], [3, 4], [5]]);
		expect(reads).toEqual([null, 2, 4]);
	});

	test('are none of no rows, and end at a page that is empty', async () => {
		expect(await collect(pages(table(0).read, itself, { size: 2 }))).toEqual([]);
		expect(await collect(pages(table(4).read, itself, { size: 2 }))).toEqual([
			[1, 2],
			[3, 4],
		]);
	});

	test('begin after a key that is given', async () => {
		expect(await collect(pages(table(5).read, itself, { after: 3, size: 2 }))).toEqual([[4, 5]]);
	});

	test('skip nothing when what has been read is taken away', async () => {
		const { read, rows } = table(5);
		const found: number[] = [];
		for await (const page of pages(read, itself, { size: 2 })) {
			found.push(...page);
			rows.splice(0, page.length);
		}
		expect(found).toEqual([1, 2, 3, 4, 5]);
	});

	test('are read one by one, as they are asked for', async () => {
		const { read, reads } = table(5);
		for await (const [first] of pages(read, itself, { size: 2 })) if (first === 3) break;
		expect(reads).toEqual([null, 2]);
	});
});
