/** Finds the items that refer to given ones, as far as the feed knows: by the digests of their references. */
import type { Knex } from 'knex';
import type { Ref } from '../../delivery/ports.ts';
import type { Digest } from '../../replication/digest.ts';
import { isAlive } from '../../replication/life.ts';
import { decodeStamps } from '../../replication/stamps.ts';
import { TABLES } from '../tables.ts';
import type { ChangesRow } from './row.ts';

const CHUNK = 50;

export async function selectReferring(
	knex: Knex,
	collection: string,
	field: string,
	digests: Digest[],
): Promise<Ref[]> {
	const found: Ref[] = [];

	for (let start = 0; start < digests.length; start += CHUNK) {
		const part = digests.slice(start, start + CHUNK);
		const rows: Pick<ChangesRow, 'item' | 'life' | 'stamps'>[] = await knex<ChangesRow>(TABLES.changes)
			.select('item', 'life', 'stamps')
			.where({ collection })
			.andWhere((any) => {
				for (const digest of part) any.orWhere('stamps', 'like', `%"${digest}"%`);
			});
		const wanted = new Set<Digest | undefined>(part);
		for (const { item, life, stamps } of rows) {
			if (isAlive(life) && wanted.has(decodeStamps(stamps)[field]?.digest)) found.push({ collection, item });
		}
	}

	return found;
}
