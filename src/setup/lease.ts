/**
 * One process sets up at a time. Directus' services look and then create, and not everything they create would fail
 * the second time (a relation's metadata has no unique key), so several processes that start at the same moment wait
 * for each other. Our own tables come first and need no lease, as the lease needs them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiExtensionContext } from '@directus/types';
import { createLeases } from '../directus/leases.ts';
import { whenNotBusy } from '../directus/when-not-busy.ts';

const NAME = 'setup';
/** Whoever crashed with it has lost it by then. */
const LEASE_MS = 15_000;
const POLL_MS = 250;
/** With clocks far apart a lease might never look expired: then we go on without, as creation tolerates that too. */
const PATIENCE_MS = 2 * LEASE_MS;

/** Runs `work` while no other process does. */
export async function withLease<T>(
	{ database }: Pick<ApiExtensionContext, 'database'>,
	work: () => Promise<T>,
): Promise<T> {
	const leases = createLeases(database);
	const deadline = Date.now() + PATIENCE_MS;
	while (!(await whenNotBusy(() => leases.take(NAME, LEASE_MS))) && Date.now() < deadline) await sleep(POLL_MS);

	try {
		return await work();
	} finally {
		await whenNotBusy(() => leases.release(NAME));
	}
}
