/**
 * What a source shares: the parsed form of its `schema` field. Only what is listed here ever leaves the
 * instance, so this is the border where that promise is checked.
 */
import * as v from 'valibot';
import { isSyncableCollection } from '../content/syncable.ts';
import { CONTENT, FILES } from '../replication/file-content.ts';
import { RESERVED_NAMES } from '../wire/batch.ts';
import type { FilterPath } from './filter.ts';

export const LISTING_EVENTS = ['create', 'update', 'delete'] as const;
export type ListingEvent = (typeof LISTING_EVENTS)[number];

/**
 * What becomes of a reference to an item that the remote does not have and is not going to be sent. leave: the field is left
 * out; null: it is emptied there; wait: the item waits for it; skip: the item is not written until it is there.
 */
export const ON_MISSING_OPTIONS = ['leave', 'null', 'wait', 'skip'] as const;
export type OnMissingOption = (typeof ON_MISSING_OPTIONS)[number];

/** Listed with every file: its bytes, and the name that goes with them. */
const FILE_FIELDS = [CONTENT, 'filename_download'];

const name = v.pipe(v.string(), v.trim(), v.minLength(1, 'must not be empty'), v.maxLength(64));
const fieldName = v.pipe(
	name,
	v.check(
		(field) => !RESERVED_NAMES.includes(field) && !(field in {}),
		'is a name that JavaScript reserves; such a field can not be synced',
	),
);

const entry = v.strictObject({
	collection: v.pipe(
		name,
		v.check(
			(collection) => isSyncableCollection(collection),
			'is a system collection; only directus_files and directus_folders can be synced',
		),
	),
	fields: v.pipe(v.array(fieldName), v.minLength(1, 'must list at least one field'), v.maxLength(500)),
	filter: v.optional(
		v.nullable(
			v.pipe(
				v.custom<object>((filter) => !Array.isArray(filter), 'must be one filter rule, not a list'),
				v.record(v.string(), v.unknown()),
			),
		),
	),
	events: v.optional(v.pipe(v.array(v.picklist(LISTING_EVENTS)), v.minLength(1, 'must name at least one event'))),
	onMissing: v.optional(v.picklist(ON_MISSING_OPTIONS)),
});

const listingSchema = v.pipe(
	v.array(entry),
	v.maxLength(1000),
	v.check(
		(entries) => new Set(entries.map((each) => each.collection)).size === entries.length,
		'lists a collection twice; join its fields in one entry',
	),
);

/** One collection of a source: its fields (the primary key always travels), who may pass and which events. */
export type ListingEntry = {
	collection: string;
	fields: string[];
	/** A Directus filter rule; null lets every item pass. */
	filter: Record<string, unknown> | null;
	events: readonly ListingEvent[];
	onMissing: OnMissingOption;
	/** The related collections that the filter looks at. */
	looksAt: readonly FilterPath[];
};

/** A source's listing by collection name. */
export type Listing = ReadonlyMap<string, ListingEntry>;

export type ListingResult = { ok: true; listing: Listing } | { ok: false; error: string };

/**
 * Reads a source's `schema`: an array as Directus returns it, or its JSON text.
 * An error is one sentence that names the entry and the key at fault, ready for the admin.
 */
export function parseListing(input: unknown): ListingResult {
	const value = typeof input === 'string' ? parseJson(input) : (input ?? []);
	const parsed = v.safeParse(listingSchema, value);

	if (!parsed.success) {
		const issue = parsed.issues[0];
		const path = v.getDotPath(issue);
		return { ok: false, error: `schema${path ? ` (${path})` : ''}: ${issue.message}` };
	}

	const entries = parsed.output.map((each): [string, ListingEntry] => [
		each.collection,
		{
			collection: each.collection,
			fields: [...new Set([...each.fields, ...(each.collection === FILES ? FILE_FIELDS : [])])],
			filter: each.filter && Object.keys(each.filter).length > 0 ? each.filter : null,
			events: each.events ?? LISTING_EVENTS,
			onMissing: each.onMissing ?? 'leave',
			looksAt: [],
		},
	]);
	return { ok: true, listing: new Map(entries) };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
