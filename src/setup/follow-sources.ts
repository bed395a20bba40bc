/**
 * The Flows' collections follow the published sources: an event Flow hears only the collections in its options, a
 * manual one is offered only on them. All other options belong to the admin and stay.
 */
import type { ApiExtensionContext, FlowRaw } from '@directus/types';
import { DELIVERIES, PUSH_FLOW_ID, RESYNC_FLOW_ID, SOURCES } from '../../schema.ts';
import { isSyncableCollection } from '../content/syncable.ts';
import { readListing } from '../sources/directus/read-listing.ts';
import { toModel } from '../sources/directus/to-model.ts';
import type { Model } from '../sources/model.ts';

/**
 * A batch update fires its events inside the open transaction, where other connections still read the old rows. So
 * we look at once, and again when the transaction is likely over.
 */
const LOOKS_MS = [0, 1_000, 10_000];

export type SourceFollower = {
	/** Brings both Flows in line with the published sources. `reload` makes this process read its Flows again anyway. */
	follow(options?: { reload?: boolean }): Promise<void>;
	/** A source has changed: follows soon, without anyone waiting for it. */
	sourcesChanged(): void;
};

/** Every collection that some listing stands for, and those its filters look at; a listing that can't be read names none. */
export function listedCollections(schemas: readonly unknown[], model: Model): string[] {
	const names = schemas.flatMap((schema) => {
		const read = readListing(schema, model);
		if (!read.ok) return [];
		const entries = [...read.expansion.listing.values()];
		const watched = entries.flatMap(({ looksAt }) => looksAt.map(({ collection }) => collection));
		return [...entries.map(({ collection }) => collection), ...watched.filter(isSyncableCollection)];
	});
	return [...new Set(names)].sort();
}

/** The Flow's options with these collections; null when it has them already, in whatever order. */
export function followedOptions(options: FlowRaw['options'], collections: readonly string[]): FlowRaw['options'] {
	const present: unknown = options?.collections;
	const names: unknown[] = Array.isArray(present) ? present : typeof present === 'string' ? present.split(',') : [];
	const equal = names.length === collections.length && collections.every((name) => names.includes(name));
	return equal ? null : { ...options, collections: [...collections] };
}

export function createSourceFollower(context: ApiExtensionContext): SourceFollower {
	const { services, database, logger } = context;
	let queue: Promise<void> = Promise.resolve();
	let timers: NodeJS.Timeout[] = [];

	async function followNow(reload: boolean) {
		const schema = await context.getSchema();
		if (!(SOURCES in schema.collections)) return;

		const sources = new services.ItemsService(SOURCES, { knex: database, schema });
		const published = { filter: { status: { _eq: 'published' } }, fields: ['schema'], limit: -1 };
		const listed = listedCollections(
			(await sources.readByQuery(published)).map((source) => source.schema),
			toModel(schema),
		);

		const flows = new services.FlowsService({ knex: database, schema });
		const ours = { filter: { id: { _in: [PUSH_FLOW_ID, RESYNC_FLOW_ID] } }, fields: ['id', 'options'], limit: -1 };
		let toReload: FlowRaw | undefined;

		for (const flow of await flows.readByQuery(ours)) {
			const wanted = flow.id === PUSH_FLOW_ID ? listed : [...listed, DELIVERIES, SOURCES];
			const options = followedOptions(flow.options, wanted);
			if (options) await flows.updateOne(flow.id, { options });
			else if (reload) toReload = flow;
		}
		if (toReload) await flows.updateOne(toReload.id, { options: toReload.options });
	}

	/** One at a time, so that an older look never overwrites a newer one. */
	function follow({ reload = false } = {}): Promise<void> {
		queue = queue
			.then(() => followNow(reload))
			.catch((error: unknown) => {
				logger.error(error, 'Data Sync: the Flows could not be brought in line with the published sources');
			});
		return queue;
	}

	return {
		follow,
		sourcesChanged() {
			for (const timer of timers) clearTimeout(timer);
			timers = LOOKS_MS.map((delay) => setTimeout(follow, delay).unref());
		},
	};
}
