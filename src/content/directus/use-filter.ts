/** Filter rules at Directus' services, and what those refuse. */
import { isDirectusError } from '@directus/errors';
import type { ApiExtensionContext, Filter, SchemaOverview } from '@directus/types';
import { parseFilter } from '@directus/utils';
import type { Knex } from 'knex';
import { isFaultOfQuery } from '../../directus/dialects/index.ts';
import { FilterFault, ruleFault } from '../filter-fault.ts';
import { isFaultOfValue } from './fault-of-value.ts';

type Services = Pick<ApiExtensionContext, 'services'>;
type Rule = Record<string, unknown>;

/** Characters of somebody else's words in a message of ours. */
const LONGEST = 300;

/**
 * Reads by a filter rule, as the REST API takes it: services don't resolve `$NOW`, and look at the first of several keys
 * below the top only. Rejects with a FilterFault when it is the rule that does not work.
 */
export async function useFilter<T>(collection: string, filter: Rule, read: (filter: Filter) => Promise<T>): Promise<T> {
	const fault = ruleFault(filter);
	if (fault !== null) throw new FilterFault(collection, fault);

	try {
		return await read(parseFilter(filter as Filter, null) ?? {});
	} catch (error) {
		throw isFaultOfRule(error) ? new FilterFault(collection, wordsOf(error), { cause: error }) : error;
	}
}

/** Tries a rule, whether or not there are items: reads those without a key, which needs no look at the others. */
export async function tryFilter(
	{ services }: Services,
	schema: SchemaOverview,
	knex: Knex,
	collection: string,
	filter: Rule,
): Promise<void> {
	const key = schema.collections[collection]?.primary;
	if (key === undefined) return;
	const service = new services.ItemsService(collection, { knex, schema, accountability: null });
	await useFilter(collection, { _and: [filter, { [key]: { _null: true } }] }, (rule) =>
		service.readByQuery({ filter: rule, fields: [key], limit: 1 }, { emitEvents: false }),
	);
}

const isFaultOfRule = (error: unknown): error is Error =>
	isDirectusError(error) || isFaultOfValue(error) || isFaultOfQuery(error);

/** Knex puts the whole query before what the database says. */
const wordsOf = ({ message }: Error): string =>
	message
		.slice(message.lastIndexOf(' - ') + 1)
		.replace(/^- /, '')
		.slice(0, LONGEST);
