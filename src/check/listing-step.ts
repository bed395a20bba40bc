/** Whether the source's listing fits this very instance: that everything listed is here and can be sent. */

import { FilterFault } from '../content/filter-fault.ts';
import type { ItemsPort } from '../content/port.ts';
import type { ListingProblem } from '../sources/inherit-filters.ts';
import type { ListingEntry } from '../sources/listing.ts';
import type { Source } from '../sources/port.ts';
import type { NodeShape } from '../wire/shapes.ts';
import type { FindingCode } from './codes.ts';
import type { Shapes } from './facts.ts';
import { GEOMETRY_HINT } from './field-fit.ts';
import { type CheckStep, type Finding, finding, judge } from './report.ts';

/** By collection, why its filter can't be used. */
export type FilterFaults = ReadonlyMap<string, string>;

export function listingStep(source: Source, own: Shapes, filterFaults: FilterFaults): CheckStep {
	const unreadable = source.configurationFaults?.listing;
	if (unreadable) {
		const hint = 'Correct the schema of the source.';
		return judge('listing', [finding('error', 'bad_schema', `${unreadable}.`, hint)]);
	}
	const { expanded = [], problems = [] } = source.expansion ?? {};
	if (source.listing.size === 0 && problems.length === 0) {
		const hint = 'List the collections to be shared, each with its fields.';
		const message = 'The schema of the source lists nothing, so nothing is sent.';
		return judge('listing', [finding('error', 'nothing_listed', message, hint)]);
	}

	const entries = [...source.listing.values()];
	const ofEntries = entries.flatMap((entry) => ofEntry(entry, own.get(entry.collection), filterFaults));
	const isTold = ({ collection, field }: ListingProblem) =>
		ofEntries.some((each) => each.collection === collection && each.field === field);
	const findings = [...problems.filter((problem) => !isTold(problem)).map(unexpandable), ...ofEntries];
	const fields = entries.reduce((sum, entry) => sum + entry.fields.length, 0);
	const added = new Set(expanded.map(({ into }) => into.collection)).size;
	const told = added === 0 ? '' : `, ${added} of them also for relations and files`;
	return {
		...judge('listing', findings, `The source shares ${fields} fields of ${entries.length} collections${told}.`),
		...(expanded.length > 0 && { expanded: expanded.slice(0, MOST_EXPANDED) }),
	};
}

const MOST_EXPANDED = 200;

type Code = FindingCode<'listing'>;

const unexpandable = ({ collection, field, message }: ListingProblem): Finding<Code> =>
	finding('error', 'unexpandable_field', message, 'Correct the schema of the source, or the relation.', {
		collection,
		field,
	});

function ofEntry(entry: ListingEntry, shape: NodeShape | undefined, filterFaults: FilterFaults): Finding<Code>[] {
	const { collection } = entry;
	const error = (code: Code, message: string, hint: string, field?: string): Finding<Code> =>
		finding('error', code, message, hint, { collection, ...(field !== undefined && { field }) });

	if (!shape) {
		const hint = 'Correct the name in the schema of the source, or take it out.';
		return [error('unknown_collection', `This instance has no collection "${collection}".`, hint)];
	}

	const filterFault = filterFaults.get(collection);
	const fromFilter =
		filterFault === undefined
			? []
			: [error('bad_filter', `The filter of "${collection}" can't be used: ${filterFault}`, 'Correct the filter.')];
	const known = new Map(shape.fields.map((field) => [field.field, field]));

	const fromFields = entry.fields.flatMap((name): Finding<Code>[] => {
		const field = known.get(name);
		const told = `"${collection}.${name}"`;
		if (name === shape.key.field) return [];
		if (!field) {
			const hint = 'Correct the name in the schema of the source, or take it out.';
			return [error('unknown_field', `This instance has no field ${told}.`, hint, name)];
		}
		if (field.secret) {
			const hint = 'Such values belong to one instance: take the field out of the schema of the source.';
			return [error('secret_field', `${told} is encrypted or concealed, and never sent.`, hint, name)];
		}
		if (field.type === 'unknown') {
			const hint = `${GEOMETRY_HINT}; or take the field out of the schema of the source.`;
			return [error('unreadable_field', `Directus can't read ${told} on this instance; it is never sent.`, hint, name)];
		}
		return [];
	});

	return [...fromFilter, ...fromFields];
}

/** Tries each filter, whether or not there are items. */
export async function findFilterFaults(items: ItemsPort, listing: Source['listing']): Promise<FilterFaults> {
	const faults = new Map<string, string>();
	for (const { collection, filter } of listing.values()) {
		const shape = filter && (await items.shape(collection));
		if (!shape) continue;
		try {
			await items.tryFilter(shape, filter);
		} catch (error) {
			if (!(error instanceof FilterFault)) throw error;
			faults.set(collection, error.fault);
		}
	}
	return faults;
}
