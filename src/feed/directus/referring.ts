/** Finds the items that refer to given ones, as far as the feed knows: by the digests of their references. */
import type { Knex } from 'knex';
import type { Ref } from '../../content/port.ts';
import { TABLES } from '../../directus/tables.ts';
import type { Digest } from '../../replication/digest.ts';
import { isAlive } from '../../replication/life.ts';
import { pages, SCAN_SIZE } from '../../replication/paging.ts';
import { decodeStamps } from '../../replication/stamps.ts';
import type { ChangesRow } from './row.ts';

/** The database looks for so many digests; for more of them all rows are read once. */
const FEW = 25;

type Row = Pick<ChangesRow, 'item' | 'life' | 'stamps'>;

export async function selectReferring(
	knex: Knex,
	collection: string,
	field: string,
	digests: Digest[],
): Promise<Ref[]> {
	const wanted = new Set<Digest | undefined>(digests);
	const found: Ref[] = [];
	if (digests.length === 0) return found;

	const read = (after: string | null, limit: number): PromiseLike<Row[]> => {
		const query = knex<ChangesRow>(TABLES.changes)
			.select('item', 'life', 'stamps')
			.where({ collection })
			.orderBy('item')
			.limit(limit);
		if (digests.length <= FEW)
			query.andWhere((any) => {
				for (const digest of digests) any.orWhere('stamps', 'like', `%"${digest}"%`);
			});
		return after === null ? query : query.andWhere('item', '>', after);
	};

	for await (const rows of pages(read, ({ item }) => item, { size: SCAN_SIZE })) {
		for (const { item, life, stamps } of rows) {
			if (isAlive(life) && wanted.has(decodeStamps(stamps)[field]?.digest)) found.push({ collection, item });
		}
	}

	return found;
}
