/**
 * Tries the filters of a listing that is being saved: one that Directus can't use would otherwise show only as items that
 * don't arrive. What is stored already passes as it is, so that a source whose filter has broken can still be edited.
 */
import { InvalidPayloadError } from '@directus/errors';
import type { ApiExtensionContext, SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';
import { SOURCES } from '../../schema.ts';
import { tryFilter } from '../content/directus/use-filter.ts';
import { FilterFault } from '../content/filter-fault.ts';
import { readListing } from '../sources/directus/read-listing.ts';
import type { Filter } from '../sources/filter.ts';
import type { Model } from '../sources/model.ts';

type Context = Pick<ApiExtensionContext, 'services'> & { schema: SchemaOverview; database: Knex; model: Model };

/**
 * Rejects with an InvalidPayloadError that names the entry.
 * @param input the `schema` that is being saved
 * @param stored ids of the sources it is saved in; none of a new one
 */
export async function tryFilters(context: Context, input: unknown, stored: readonly string[]): Promise<void> {
	const { schema, database, model } = context;
	const before: { schema: unknown }[] =
		stored.length === 0 ? [] : await database(SOURCES).whereIn('id', stored).select('schema');
	const known = before.map((row) => filtersOf(row.schema, model));

	for (const [collection, filter] of filtersOf(input, model)) {
		const text = JSON.stringify(filter);
		const isKnown = known.length > 0 && known.every((each) => JSON.stringify(each.get(collection)) === text);
		if (!isKnown) await refuseFaulty(() => tryFilter(context, schema, database, collection, filter));
	}
}

/** By collection, those included that rows follow which belong to others. */
function filtersOf(input: unknown, model: Model): Map<string, Filter> {
	const read = readListing(input, model);
	const entries = read.ok ? [...read.expansion.listing.values()] : [];
	return new Map(entries.flatMap(({ collection, filter }) => (filter ? [[collection, filter]] : [])));
}

async function refuseFaulty(trial: () => Promise<void>): Promise<void> {
	try {
		await trial();
	} catch (error) {
		if (!(error instanceof FilterFault)) throw error;
		throw new InvalidPayloadError({ reason: `schema: ${error.message}` });
	}
}
