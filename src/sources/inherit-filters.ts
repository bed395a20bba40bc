/**
 * The filters of rows that a listed field brings along: they follow the filters of the items that the rows belong to, so
 * that nothing leaves by a relation that a filter keeps back.
 */
import { FILES } from '../replication/file-content.ts';
import { all, type Filter, onReference } from './filter.ts';
import type { ListingEntry } from './listing.ts';
import type { Model, ModelRelation } from './model.ts';

/** A listed field that stands for nothing that could be synced. The others are synced without it. */
export type ListingProblem = { collection: string; field: string; message: string };

/** An entry of the expanded listing, as far as it is known. */
export type Draft = {
	entry: ListingEntry;
	/** Null: listed by the admin, whose filter counts. Else the references by which the rows belong to listed ones. */
	owners: ModelRelation[] | null;
};

export const problem = (collection: string, field: string, what: string): ListingProblem => ({
	collection,
	field,
	message: `"${field}" of "${collection}" ${what}.`,
});

/** The filters of the rows that are brought, which follow those of the entries they belong to; and the rows that can't. */
export function inheritFilters(
	model: Model,
	drafts: ReadonlyMap<string, Draft>,
	problems: ListingProblem[],
): { filters: ReadonlyMap<string, Filter>; lost: ReadonlySet<string> } {
	const lost = new Set<string>();
	const filters = new Map<string, Filter | null>();

	const filterOf = (collection: string): Filter | null => {
		const draft = drafts.get(collection);
		if (!draft?.owners) return draft?.entry.filter ?? null;
		if (filters.has(collection)) return filters.get(collection) ?? null;
		// Until it is known, so that rows which belong to each other in a ring don't ask for ever.
		filters.set(collection, null);
		const filter = collection === FILES ? fileFilter(draft.owners) : rowFilter(collection, draft.owners);
		filters.set(collection, filter);
		return filter;
	};

	/** Files that a listed field refers to, from an item that is synced. */
	const fileFilter = (owners: ModelRelation[]): Filter | null => {
		const rules = owners.flatMap((owner) => {
			const key = model.collections.get(owner.collection)?.primaryKey ?? 'id';
			const filter = filterOf(owner.collection) ?? { [key]: { _nnull: true } };
			if (lost.has(owner.collection)) return [];
			return [{ [`$FOLLOW(${owner.collection},${owner.field})`]: { _some: filter } }];
		});
		if (rules.length === 0) lost.add(FILES);
		return { _or: rules };
	};

	/** Rows whose owners are synced, as far as they have any. */
	const rowFilter = (collection: string, owners: ModelRelation[]): Filter | null => {
		const rules: Filter[] = [];

		for (const relation of model.relations.filter((each) => each.collection === collection)) {
			const isOwner = owners.includes(relation);
			const targets = relation.to === null ? relation.allowed : [relation.to];

			for (const target of targets) {
				// Files follow the rows that refer to them, not the other way round.
				const filter = target === collection || target === FILES ? null : filterOf(target);
				if (filter === null) continue;
				const nested = onReference(relation.to === null ? `${relation.field}:${target}` : relation.field, filter);

				if (nested === null) {
					const what = `brings rows of "${collection}", which can't follow the filter of "${target}": Directus knows "_none" at the top of a filter only. List "${collection}" with a filter of its own`;
					lost.add(collection);
					problems.push(problem(target, relation.alias ?? relation.field, what));
				} else if (relation.to === null) {
					const by = relation.by ?? 'collection';
					rules.push({ _or: [{ [by]: { _null: true } }, { [by]: { _neq: target } }, nested] });
				} else rules.push(isOwner ? nested : { _or: [{ [relation.field]: { _null: true } }, nested] });
			}
		}

		return rules.length === 0 ? null : all(rules);
	};

	const found = new Map<string, Filter>();
	for (const [collection, { owners }] of drafts) {
		const filter = owners && filterOf(collection);
		if (filter) found.set(collection, filter);
	}
	return { filters: found, lost };
}
