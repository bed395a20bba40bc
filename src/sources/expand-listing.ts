/**
 * "Listing made easy": a relational field that has no column, such as `tags`, `translations` or `sections`, stands for
 * the rows behind it, and a file field for the file. Here a listing as entered becomes the listing that is synced, with
 * an entry for every collection that is meant. Pure: the same listing and model give the same result.
 *
 * - An alias field brings the junction or child rows: all their fields, or, where the collection is listed by itself,
 *   the fields listed there and the columns that make the relation.
 * - A field that refers to a file brings the files it refers to, and no other files.
 * - Rows that are brought follow the filter of those they belong to. What an entry of their own says goes before that.
 * - The far end of a junction (the tags themselves) is content of its own and has to be listed.
 */

import { isSyncableCollection } from '../content/syncable.ts';
import { CONTENT, FILES } from '../replication/file-content.ts';
import { all, type Filter, filterPaths, onReference } from './filter.ts';
import { LISTING_EVENTS, type Listing, type ListingEntry, type OnMissing } from './listing.ts';
import { type Model, type ModelRelation, relationBehind, relationOf } from './model.ts';

export type ExpansionKind = 'o2m' | 'm2m' | 'm2a' | 'files' | 'file';

/** What one listed field stands for. */
export type Expanded = {
	collection: string;
	field: string;
	kind: ExpansionKind;
	/** The collection that travels because of it, with the fields it needs. */
	into: { collection: string; fields: string[] };
};

/** A listed field that stands for nothing that could be synced. The others are synced without it. */
export type ListingProblem = { collection: string; field: string; message: string };

/** A listed field that refers to items that are not synced: it is left out where they are missing. */
export type Unlisted = { collection: string; field: string; to: string[] };

export type Expansion = { listing: Listing; expanded: Expanded[]; problems: ListingProblem[]; unlisted: Unlisted[] };

/** What travels of a file that a listed field refers to. Its folder does when folders are listed. */
export const FILE_FIELDS: readonly string[] = [
	'title',
	'description',
	'tags',
	'location',
	'filename_download',
	'charset',
	'metadata',
	'focal_point_x',
	'focal_point_y',
	CONTENT,
];
const FOLDERS = 'directus_folders';
const USERS = 'directus_users';

type Draft = {
	entry: ListingEntry;
	/** Null: listed by the admin, whose filter counts. Else the references by which the rows belong to listed ones. */
	owners: ModelRelation[] | null;
};

export function expandListing(listing: Listing, model: Model): Expansion {
	const drafts = new Map<string, Draft>([...listing].map(([name, entry]) => [name, { entry, owners: null }]));
	const expanded: Expanded[] = [];
	const problems: ListingProblem[] = [];
	const seen = new Set<string>();

	// What is brought is looked at as well: it may have file fields of its own.
	for (let open = fieldsOf(drafts); open.length > 0; open = fieldsOf(drafts, seen)) {
		for (const { collection, field } of open) {
			seen.add(`${collection}.${field}`);
			const result = expandField(model, listing, collection, field);
			if (result === null) continue;
			if ('message' in result) problems.push(result);
			else {
				add(drafts, result.part);
				const { collection: name, fields } = result.part;
				expanded.push({ collection, field, kind: result.kind, into: { collection: name, fields } });
			}
		}
	}

	const { filters, lost } = inheritFilters(model, drafts, problems);
	const entries = [...drafts].flatMap(([name, { entry }]): [string, ListingEntry][] => {
		const known = model.collections.get(name);
		const isColumn = (field: string) => known?.fields.get(field)?.isAlias !== true;
		const fields = [...new Set(entry.fields.filter(isColumn))].sort();
		// Without the filter that they should follow, rows would leave that must not.
		if (lost.has(name)) return [];
		const filter = filters.get(name) ?? entry.filter;
		return [[name, { ...entry, fields, filter, looksAt: filter ? filterPaths(model, name, filter) : [] }]];
	});
	// Sorted, so that a listing's fingerprint tells of its meaning alone.
	const complete = new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
	return { listing: complete, expanded, problems, unlisted: findUnlisted(complete, model) };
}

type Part = { collection: string; fields: string[]; owner: ModelRelation; isJunction: boolean };

const fieldsOf = (drafts: ReadonlyMap<string, Draft>, seen: ReadonlySet<string> = new Set()) =>
	[...drafts.values()].flatMap(({ entry: { collection, fields } }) =>
		fields.filter((field) => !seen.has(`${collection}.${field}`)).map((field) => ({ collection, field })),
	);

function expandField(
	model: Model,
	listing: Listing,
	collection: string,
	field: string,
): { kind: ExpansionKind; part: Part } | ListingProblem | null {
	const known = model.collections.get(collection)?.fields.get(field);
	if (!known) return null;

	if (known.isSecret) {
		const what = 'is encrypted or concealed: its value belongs to this instance, and is never sent. Take it out';
		return problem(collection, field, what);
	}

	if (!known.isAlias) {
		const reference = relationOf(model, collection, field);
		const isFile = reference?.to === FILES && collection !== FILES;
		return reference && isFile ? { kind: 'file', part: filePart(listing, reference) } : null;
	}

	const owner = relationBehind(model, collection, field);
	if (!owner)
		return problem(collection, field, 'has no column and no relation, so there is nothing to sync. Take it out');

	if (!isSyncableCollection(owner.collection)) {
		const what = `stands for items of "${owner.collection}", a system collection that is never synced. Take it out`;
		return problem(collection, field, what);
	}

	const far = owner.junctionField === null ? undefined : relationOf(model, owner.collection, owner.junctionField);
	if (owner.junctionField !== null && !far) {
		const what = `is a relation by "${owner.collection}", whose field "${owner.junctionField}" refers to nothing. Mend the relation, or take it out`;
		return problem(collection, field, what);
	}

	const columns = [owner.field, owner.sortField, far?.field, far?.by].filter((name) => typeof name === 'string');
	const own = listing.has(owner.collection) ? columns : [...columns, ...contentOf(model, owner.collection)];
	const part = { collection: owner.collection, fields: [...new Set(own)], owner, isJunction: far !== undefined };
	const kind = !far ? 'o2m' : far.to === null ? 'm2a' : far.to === FILES ? 'files' : 'm2m';
	// The file behind a junction's column comes when that column's turn comes: it is a file field like any other.
	return { kind, part };
}

const problem = (collection: string, field: string, what: string): ListingProblem => ({
	collection,
	field,
	message: `"${field}" of "${collection}" ${what}.`,
});

function filePart(listing: Listing, owner: ModelRelation): Part {
	const fields = listing.has(FILES) ? [] : [...FILE_FIELDS, ...(listing.has(FOLDERS) ? ['folder'] : [])];
	return { collection: FILES, fields, owner, isJunction: false };
}

/** The columns of rows that are brought as a whole. */
function contentOf(model: Model, collection: string): string[] {
	if (collection === FILES) return [...FILE_FIELDS];
	const fields = model.collections.get(collection)?.fields ?? new Map();
	return [...fields].filter(([, { isSyncable }]) => isSyncable).map(([name]) => name);
}

function add(drafts: Map<string, Draft>, { collection, fields, owner, isJunction }: Part): void {
	const known = drafts.get(collection);

	if (!known) {
		// Half a junction row is of no use to anybody.
		const onMissing: OnMissing = isJunction ? 'skip' : 'leave';
		const entry = { collection, fields: [...fields], filter: null, events: LISTING_EVENTS, onMissing, looksAt: [] };
		drafts.set(collection, { entry, owners: [owner] });
		return;
	}

	const added = fields.filter((field) => !known.entry.fields.includes(field));
	known.entry = { ...known.entry, fields: [...known.entry.fields, ...added] };
	known.owners?.push(owner);
}

/** The filters of the rows that are brought, which follow those of the entries they belong to; and the rows that can't. */
function inheritFilters(
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

function findUnlisted(listing: Listing, model: Model): Unlisted[] {
	const found: Unlisted[] = [];

	for (const { collection, fields } of listing.values()) {
		for (const field of fields) {
			const relation = relationOf(model, collection, field);
			const targets = relation && (relation.to === null ? relation.allowed : [relation.to]);
			// Users are never listed: they are found by id or e-mail address.
			const missing = (targets ?? []).filter((target) => !listing.has(target) && target !== USERS);
			if (missing.length > 0) found.push({ collection, field, to: missing });
		}
	}

	return found;
}
