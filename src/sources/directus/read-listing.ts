/** A source's `schema` as it is synced: read, checked and expanded against this instance's content model. */
import { type Expansion, expandListing } from '../expand-listing.ts';
import { parseListing } from '../listing.ts';
import type { Model } from '../model.ts';

export type ReadListing = { ok: true; expansion: Expansion } | { ok: false; error: string };

const known = new WeakMap<Model, Map<string, ReadListing>>();

/** @param input an array as Directus returns it, or its JSON text. Asked again with the same model it costs little. */
export function readListing(input: unknown, model: Model): ReadListing {
	const text = typeof input === 'string' ? input : JSON.stringify(input ?? []);
	const listings = known.get(model) ?? new Map<string, ReadListing>();
	known.set(model, listings);
	const before = listings.get(text);
	if (before) return before;

	const parsed = parseListing(input);
	const listing: ReadListing = parsed.ok ? { ok: true, expansion: expandListing(parsed.listing, model) } : parsed;
	listings.set(text, listing);
	return listing;
}
