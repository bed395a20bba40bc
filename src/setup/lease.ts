/**
 * One process sets up at a time. Directus' services look and then create, and not everything they create would fail
 * the second time (a relation's metadata has no unique key), so several processes that start at the same moment take
 * turns. The lease is a row in the checkpoints table under a name that no source can have; it exists while setup runs.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiExtensionContext } from '@directus/types';
import { CHECKPOINTS } from '../../schema.ts';
import { whenNotBusy } from '../directus/when-not-busy.ts';

const NAME = 'setup';
/** Renewed at every step, so it only has to outlast one; then whoever crashed with it has lost it. */
const LEASE_MS = 15_000;
const POLL_MS = 250;
/** With clocks far apart a lease might never look expired: then we go on without, as creation tolerates that too. */
const PATIENCE_MS = 2 * LEASE_MS;

/** Runs `work` while no other process does. Hands it `renew`, to be called at every step. */
export async function withLease<T>(
	{ database }: Pick<ApiExtensionContext, 'database'>,
	work: (renew: () => Promise<void>) => Promise<T>,
): Promise<T> {
	const owner = randomUUID();
	const mine = () => database(CHECKPOINTS).where({ source: NAME, lease_owner: owner });
	const until = () => Date.now() + LEASE_MS;

	const take = async () => {
		try {
			await database(CHECKPOINTS).insert({ source: NAME, lease_owner: owner, lease_until: until() });
			return true;
		} catch {
			const expired = database(CHECKPOINTS).where({ source: NAME }).where('lease_until', '<', Date.now());
			return (await expired.update({ lease_owner: owner, lease_until: until() })) > 0;
		}
	};

	const deadline = Date.now() + PATIENCE_MS;
	while (!(await whenNotBusy(take)) && Date.now() < deadline) await sleep(POLL_MS);

	try {
		return await work(async () => {
			await whenNotBusy(async () => mine().update({ lease_until: until() }));
		});
	} finally {
		await whenNotBusy(async () => mine().delete());
	}
}
