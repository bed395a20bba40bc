/**
 * Keeps the feed from growing with everything that was ever deleted or is no longer shared. A bounded part at a time; all of
 * it may be done twice, or in several processes at once, without harm.
 */

import { groupByCollection } from '../content/group.ts';
import type { ItemsDep } from '../content/port.ts';
import type { ClockDep, NodeDep } from '../directus/port.ts';
import type { FeedRow, RetentionDep } from '../feed/port.ts';
import type { CheckpointsDep } from '../link/port.ts';
import { isAlive } from '../replication/life.ts';
import { PAGE_SIZE, pages } from '../replication/paging.ts';
import { timestampToMillis, timestampToNode, UNWRITTEN } from '../replication/timestamp.ts';
import type { Source, SourcesDep } from '../sources/port.ts';

export type CleanDeps = RetentionDep & SourcesDep & CheckpointsDep & ItemsDep & ClockDep & NodeDep;

/** Full pages that one call looks at. */
const PAGES = 20;
/** Conflicts stay counted when their rows are gone; these only tell them apart from new ones. Milliseconds. */
const KEEP_CONFLICTS = 90 * 24 * 3_600_000;

export type Cleaner = {
	/** Does a part of what there is to clean; whether there is more. */
	clean(): Promise<boolean>;
};

/** @param age milliseconds that deletions, and rows of collections that no source lists, are remembered at least */
export function createCleaner(ports: CleanDeps, age: number): Cleaner {
	/** Where the last call stopped among the rows of collections that no source lists. */
	let cursor: { collection: string; item: string } | null = null;

	return {
		clean: async () => {
			const sources = await ports.sources.list();
			const before = ports.clock.now() - age;
			const budget = { pages: PAGES };
			await dropTombstones(ports, sources, before, budget);
			cursor = await dropUnlisted(ports, sources, before, budget, cursor);
			await ports.retention.dropOrphans({ before: ports.clock.now() - KEEP_CONFLICTS });
			return budget.pages <= 0;
		},
	};
}

type Budget = { pages: number };

/** Deletions that every published source has acknowledged. One that is paused is told so when it goes on: see gap.ts. */
async function dropTombstones(ports: CleanDeps, sources: Source[], before: number, budget: Budget): Promise<void> {
	let upTo = Number.MAX_SAFE_INTEGER;
	for (const { id, published } of sources) {
		if (published) upTo = Math.min(upTo, (await ports.checkpoints.read(id)).progress.seq);
	}

	for (; budget.pages > 0; budget.pages -= 1) {
		const rows = await ports.retention.tombstones({ before, upTo, limit: PAGE_SIZE });
		if (rows.length === 0) return;
		await ports.retention.drop(rows, await livesOf(ports, rows));
	}
}

/**
 * The highest life per collection, so that an item that is created again begins above it, and no remote takes it for the one
 * that was deleted. Keys that are counted up are never given out again; there a larger life would hide a collision.
 */
async function livesOf(ports: CleanDeps, rows: FeedRow[]): Promise<Record<string, number>> {
	const lives: Record<string, number> = {};

	for (const [collection, group] of groupByCollection(rows)) {
		const shape = await ports.items.shape(collection);
		if (shape?.keyIsCounted !== true) lives[collection] = Math.max(...group.map(({ life }) => life));
	}

	return lives;
}

/** Rows of collections that no source, of whatever status, has listed for long. */
async function dropUnlisted(
	ports: CleanDeps,
	sources: Source[],
	before: number,
	budget: Budget,
	from: { collection: string; item: string } | null,
): Promise<{ collection: string; item: string } | null> {
	const due = (await noteUnlisted(ports, sources)).filter(([, since]) => since <= before).map(([name]) => name);
	const start = from !== null && due.includes(from.collection) ? from : null;

	for (const collection of start === null ? due : due.slice(due.indexOf(start.collection))) {
		const after = start?.collection === collection ? start.item : '';
		if (budget.pages <= 0) return { collection, item: after };
		const read = (item: string | null, limit: number) => ports.retention.rowsOf(collection, item ?? '', limit);

		for await (const rows of pages(read, ({ item }) => item, { after })) {
			const own = rows.filter((row) => isOursAlone(ports, row) && isOlder(row, before));
			if (own.length > 0) await ports.retention.drop(own, {});
			if (rows.length === PAGE_SIZE) budget.pages -= 1;
			if (budget.pages <= 0) return { collection, item: rows.at(-1)?.item ?? after };
		}
	}

	return null;
}

/** The collections that nobody lists and since when, in their order. */
async function noteUnlisted(ports: CleanDeps, sources: Source[]): Promise<[collection: string, since: number][]> {
	const { unlisted } = await ports.retention.forgotten();
	const collections = await ports.retention.collections();
	const names = collections.filter((name) => !sources.some((source) => source.listing.has(name))).sort();
	const noted = names.map((name): [string, number] => [
		name,
		(Object.hasOwn(unlisted, name) ? unlisted[name] : undefined) ?? ports.clock.now(),
	]);
	const isKnown = noted.length === Object.keys(unlisted).length && noted.every(([name, at]) => unlisted[name] === at);
	if (!isKnown) await ports.retention.noteUnlisted(Object.fromEntries(noted));
	return noted;
}

/**
 * Created and written here alone. What a remote has told us stays: without its stamps the remote's next change would overwrite
 * what was edited here.
 */
function isOursAlone({ node }: CleanDeps, { life, born, stamps, touched, seq }: FeedRow): boolean {
	if (!isAlive(life) || life !== 1 || touched !== null || seq === null) return false;
	if (born === null || timestampToNode(born) !== node) return false;
	return Object.values(stamps).every(({ at }) => at === UNWRITTEN || timestampToNode(at) === node);
}

const isOlder = ({ born, stamps }: FeedRow, before: number): boolean =>
	[...Object.values(stamps).map(({ at }) => at), ...(born ? [born] : [])].every(
		(at) => timestampToMillis(at) <= before,
	);
