/**
 * Leases in `data_sync_leases`: what only one process of a node is to do at a time, although several share its database.
 * One row for each name: a source's id while it is pushed to, `setup`, `apply`. A row stays when its lease is given back; names
 * are few. It has no part in what it guards, so that nothing which is done to that (cleaning, say) can end a lease.
 *
 * Whoever may have died holds a lease that expires. Whoever works in one transaction needs no expiry: the database holds the
 * row's lock until the transaction ends, in whatever way.
 */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { LeasesPort } from './port.ts';
import { type BigInt64, TABLES } from './tables.ts';

type LeaseRow = {
	name: string;
	/** Null while nobody has it. */
	owner: string | null;
	/** Milliseconds, by the owner's clock. */
	expires_at: BigInt64 | null;
};

/** The leases of one process: each call makes another owner. */
export function createLeases(knex: Knex): LeasesPort {
	const table = () => knex<LeaseRow>(TABLES.leases);
	const owner = randomUUID();
	const kept = new Map<string, NodeJS.Timeout>();

	const claim = async (name: string, milliseconds: number): Promise<boolean> => {
		const now = Date.now();
		const taken = await table()
			.where('name', name)
			.andWhere((free) => free.where('owner', owner).orWhereNull('owner').orWhere('expires_at', '<', now))
			.update({ owner, expires_at: now + milliseconds });
		return taken > 0;
	};

	/** What is worked on may take longer than its lease lasts. A miss costs double work at worst. */
	const keepUp = (name: string, milliseconds: number): void => {
		if (kept.has(name)) return;
		const renew = () =>
			void table()
				.where({ name, owner })
				.update({ expires_at: Date.now() + milliseconds })
				.catch(() => undefined);
		kept.set(name, setInterval(renew, milliseconds / 4).unref());
	};

	return {
		take: async (name, milliseconds) => {
			let taken = await claim(name, milliseconds);
			if (!taken) {
				await addRow(knex, name);
				taken = await claim(name, milliseconds);
			}
			if (taken) keepUp(name, milliseconds);
			return taken;
		},
		release: async (name) => {
			clearInterval(kept.get(name));
			kept.delete(name);
			await table().where({ name, owner }).update({ owner: null, expires_at: null });
		},
	};
}

/** Waits until no other transaction has this lease, and has it until the transaction ends. */
export async function lockForTransaction(transaction: Knex.Transaction, name: string): Promise<void> {
	const lock = () => transaction(TABLES.leases).where({ name }).update({ owner: null });
	if ((await lock()) > 0) return;
	await addRow(transaction, name);
	await lock();
}

const addRow = (knex: Knex, name: string) => knex(TABLES.leases).insert({ name }).onConflict('name').ignore();
