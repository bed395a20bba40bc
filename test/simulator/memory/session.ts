/** A process's connection to its node's database: every call takes its time, and may fail or never return. */
import type { Database } from './database.ts';
import { createLocks, type Locks, type Owner } from './locks.ts';

/** The database and who holds locks in it. It outlives processes. */
export type Store = { data: Database; locks: Locks };

export const createStore = (data: Database): Store => ({ data, locks: createLocks() });

/** Waits as long as the call takes; rejects where it fails. */
export type Step = (name: string) => Promise<void>;

export type Session = {
	store: Store;
	/** Names the process, for leases. */
	name: string;
	/** One statement: waits for the locks of the rows it writes, then happens at once. */
	call<T>(name: string, writes: string[], effect: (data: Database) => T): Promise<T>;
	/** What has to be locked for these rows: on some vendors everything. */
	scope(keys: string[]): string[];
	step: Step;
	/** Brings the answer; rejects where it gets lost, though what was asked for is done. */
	answer: Step;
	/** Lock owners of this process carry it. */
	process: object;
};

export const feedKey = (id: string): string => `feed ${id}`;
export const itemKey = (id: string): string => `item ${id}`;

const EVERYTHING = ['*'];

const AT_ONCE: Step = async () => {};

/** @param step, answer without them every call happens at once */
export function createSession(store: Store, name = 'process', step = AT_ONCE, answer = AT_ONCE): Session {
	const process = {};
	const scope = (keys: string[]) => (store.data.vendor.exclusive ? EVERYTHING : keys);

	return {
		store,
		name,
		step,
		answer,
		process,
		scope,
		call: async (name, writes, effect) => {
			await step(name);
			const owner: Owner = { process };
			const result = await store.locks.run(owner, scope(writes), () => effect(store.data));
			await answer(name);
			return result;
		},
	};
}
