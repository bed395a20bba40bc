/** What an instance still owes its published sources, read where Data Sync keeps it. */
import type { Item } from './api.ts';
import { DELIVERIES } from './data-sync.ts';
import type { Instance } from './instance.ts';
import { waitFor } from './wait-for.ts';

export type Backlog = {
	/** Writes whose items are not touched in the feed yet. */
	unnoted: number;
	/** Items touched, but not numbered yet. */
	unsettled: number;
	/** How far behind the head of the feed each published source is, by its name. */
	behind: Record<string, number>;
	deliveries: Item[];
};

export async function readBacklog(instance: Instance): Promise<Backlog> {
	// In this order, which is that of their way: what leaves one list is in the next before we look there.
	const [unnoted] = await instance.sql<{ count: number | string }>('select count(*) as count from data_sync_writes');
	const [unsettled] = await instance.sql<{ count: number | string }>(
		'select count(*) as count from data_sync_changes where seq is null or touched is not null',
	);
	const behind = await instance.sql<{ name: string; behind: number | string }>(
		`select sources.name, state.last_seq - coalesce(checkpoints.seq, 0) as behind
			from data_sync_remote_sources as sources
			left join data_sync_checkpoints as checkpoints on checkpoints.source = cast(sources.id as varchar(36))
			cross join data_sync_state as state
			where sources.status = 'published'`,
	);
	return {
		unnoted: Number(unnoted?.count),
		unsettled: Number(unsettled?.count),
		behind: Object.fromEntries(behind.map((row) => [row.name, Number(row.behind)])),
		deliveries: await instance.readItems(DELIVERIES),
	};
}

/** Waits until every published source has acknowledged everything, with no exception left. */
export async function waitUntilDelivered(instance: Instance, options: { timeoutMs?: number } = {}): Promise<void> {
	let last: Backlog | undefined;
	const isEmpty = async () => {
		last = await readBacklog(instance);
		const { unnoted, unsettled, behind, deliveries } = last;
		const waiting = [unnoted, unsettled, deliveries.length, ...Object.values(behind)];
		if (waiting.some((count) => count !== 0)) throw new Error(JSON.stringify(last));
		return true;
	};
	await waitFor(`${instance.name} to have delivered everything`, isEmpty, {
		timeoutMs: 60_000,
		intervalMs: 100,
		...options,
	});
}
