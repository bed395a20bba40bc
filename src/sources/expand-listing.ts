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
import { filterPaths } from './filter.ts';
import { type Draft, inheritFilters, type ListingProblem, problem } from './inherit-filters.ts';
import { LISTING_EVENTS, type Listing, type ListingEntry, type OnMissingOption } from './listing.ts';
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
		const onMissing: OnMissingOption = isJunction ? 'skip' : 'leave';
		const entry = { collection, fields: [...fields], filter: null, events: LISTING_EVENTS, onMissing, looksAt: [] };
		drafts.set(collection, { entry, owners: [owner] });
		return;
	}

	const added = fields.filter((field) => !known.entry.fields.includes(field));
	known.entry = { ...known.entry, fields: [...known.entry.fields, ...added] };
	known.owners?.push(owner);
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
