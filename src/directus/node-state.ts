/** The one row of `data_sync_state`: who this node is, how far its feed and its clock have come. */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import type { NodeId, Timestamp } from '../replication/timestamp.ts';
import { type BigInt64, NotInstalledError, TABLES, toNumber } from './tables.ts';

export type NodeState = {
	node: NodeId;
	publicUrl: string | null;
	lastSeq: number;
	/** The clock's last persisted value. */
	clock: Timestamp | null;
	/** Milliseconds. */
	installedAt: number;
};

type StateRow = {
	node: NodeId;
	public_url: string | null;
	last_seq: BigInt64;
	clock: Timestamp | null;
	installed_at: BigInt64;
};

/**
 * Reads the state; creates it, with a new node id, where there is none. Numbering goes on after what the feed has, in case
 * the state was lost. Rejects with a NotInstalledError.
 */
export async function readState(knex: Knex, publicUrl: string | null): Promise<NodeState> {
	const found = await select(knex);
	if (found) return found;

	const row = {
		id: 1,
		node: newNodeId(),
		public_url: publicUrl,
		last_seq: await largestSeq(knex),
		installed_at: Date.now(),
	};
	await knex(TABLES.state).insert(row).onConflict('id').ignore();
	const created = await select(knex);
	if (!created) throw new NotInstalledError(`The row of ${TABLES.state} can't be read back.`);
	return created;
}

/** Binds the state to another id or URL. Several processes may start at once; only one of them changes it. */
export async function bindState(
	knex: Knex,
	state: NodeState,
	{ node, publicUrl }: { node: NodeId; publicUrl: string },
): Promise<NodeState> {
	await knex(TABLES.state)
		.where({ id: 1, node: state.node, public_url: state.publicUrl })
		.update({ node, public_url: publicUrl });
	return (await select(knex)) ?? state;
}

export const newNodeId = (): NodeId => randomBytes(6).toString('hex') as NodeId;

async function largestSeq(knex: Knex): Promise<number> {
	const changes = await knex(TABLES.changes).max({ seq: 'seq' }).first<{ seq: BigInt64 | null }>();
	const checkpoints = await knex(TABLES.checkpoints).max({ seq: 'target' }).first<{ seq: BigInt64 | null }>();
	return Math.max(toNumber(changes?.seq ?? 0), toNumber(checkpoints?.seq ?? 0));
}

async function select(knex: Knex): Promise<NodeState | null> {
	const row = await knex<StateRow>(TABLES.state)
		.where({ id: 1 } as object)
		.first()
		.catch(async (error: unknown) => {
			if (await knex.schema.hasTable(TABLES.state)) throw error;
			throw new NotInstalledError(`The table ${TABLES.state} is missing.`);
		});
	if (!row) return null;
	return {
		node: row.node,
		publicUrl: row.public_url,
		lastSeq: toNumber(row.last_seq),
		clock: row.clock,
		installedAt: toNumber(row.installed_at),
	};
}
