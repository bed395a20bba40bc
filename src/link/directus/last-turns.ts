/** What this node has applied last of each sender's link, in `data_sync_links`; see `src/replication/link.ts`. */
import type { Knex } from 'knex';
import { TABLES } from '../../directus/tables.ts';
import type { NodeId } from '../../replication/timestamp.ts';
import type { Turn } from '../../replication/turns.ts';

type LinkRow = { id: string; turn: Turn; received_at: number };

export async function readLastTurn(knex: Knex, node: NodeId, source: string): Promise<Turn | null> {
	const row = await knex<LinkRow>(TABLES.links)
		.where({ id: linkId(node, source) } as object)
		.first();
	return (row as LinkRow | undefined)?.turn ?? null;
}

export async function writeLastTurn(knex: Knex, node: NodeId, source: string, turn: Turn): Promise<void> {
	await knex(TABLES.links)
		.insert({ id: linkId(node, source), turn, received_at: Date.now() })
		.onConflict('id')
		.merge(['turn', 'received_at']);
}

const linkId = (node: NodeId, source: string): string => `${node} ${source}`;
