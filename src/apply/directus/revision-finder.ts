/** Where Directus keeps a value that was superseded: in the revision that its edit has left. */
import type { Knex } from 'knex';
import { knownPushers } from '../../directus/pushers.ts';

/** An item's edits that are looked through, the latest first. */
const DEPTH = 50;
/** Some databases keep times to the second. Milliseconds. */
const GRAIN = 1000;

type Row = { id: number | string; delta: unknown; timestamp: unknown };

/**
 * The revision of the latest edit that wrote a field, not by Data Sync and not after a time in milliseconds; null when there is
 * none, such as where revisions are switched off.
 */
export async function createRevisionFinder(
	knex: Knex,
	collection: string,
	item: string,
): Promise<(field: string, until: number) => string | null> {
	const rows: Row[] = await knex('directus_revisions')
		.join('directus_activity', 'directus_activity.id', 'directus_revisions.activity')
		.where({ 'directus_revisions.collection': collection, 'directus_revisions.item': item })
		.andWhere((other) =>
			other.whereNull('directus_activity.user').orWhereNotIn('directus_activity.user', knownPushers()),
		)
		.orderBy('directus_revisions.id', 'desc')
		.limit(DEPTH)
		.select('directus_revisions.id', 'directus_revisions.delta', 'directus_activity.timestamp');

	return (field, until) => {
		const found = rows.find(({ delta, timestamp }) => {
			const at = new Date(timestamp as string | number | Date).getTime();
			return !(at > until + GRAIN) && Object.hasOwn(parse(delta), field);
		});
		return found ? String(found.id) : null;
	};
}

function parse(delta: unknown): object {
	try {
		const value: unknown = typeof delta === 'string' ? JSON.parse(delta) : delta;
		return typeof value === 'object' && value !== null ? value : {};
	} catch {
		return {};
	}
}
