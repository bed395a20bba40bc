/** Finds the items that refer to given ones, as far as the feed knows: by the digests of their references. */
import type { Knex } from 'knex';
import type { Ref } from '../../content/port.ts';
import { TABLES } from '../../directus/tables.ts';
import type { Digest } from '../../replication/digest.ts';
import { isAlive } from '../../replication/life.ts';
import { decodeStamps } from '../../replication/stamps.ts';
import type { ChangesRow } from './row.ts';

/** The database looks for so many digests; for more of them all rows are read once. */
const FEW = 25;
const PAGE = 2000;

type Row = Pick<ChangesRow, 'item' | 'life' | 'stamps'>;

export async function selectReferring(
	knex: Knex,
	collection: string,
	field: string,
	digests: Digest[],
): Promise<Ref[]> {
	const wanted = new Set<Digest | undefined>(digests);
	const found: Ref[] = [];
	let after: string | null = null;
	if (digests.length === 0) return found;

	for (;;) {
		const query = knex<ChangesRow>(TABLES.changes)
			.select('item', 'life', 'stamps')
			.where({ collection })
			.orderBy('item')
			.limit(PAGE);
		if (digests.length <= FEW)
			query.andWhere((any) => {
				for (const digest of digests) any.orWhere('stamps', 'like', `%"${digest}"%`);
			});
		const rows: Row[] = await (after === null ? query : query.andWhere('item', '>', after));

		for (const { item, life, stamps } of rows) {
			if (isAlive(life) && wanted.has(decodeStamps(stamps)[field]?.digest)) found.push({ collection, item });
		}

		after = rows.at(-1)?.item ?? null;
		if (rows.length < PAGE) return found;
	}
}
