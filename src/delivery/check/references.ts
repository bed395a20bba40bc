/** Whether what the listed items refer to can be on the remote. */
import type { NodeShape } from '../../replication/shapes.ts';
import { isSyncableCollection, type Listing } from '../listing.ts';
import { type Finding, judge, type Step } from './report.ts';

/** By collection, the collections that each of its relational columns refers to. */
export type References = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** The collections that listed fields refer to and that are not listed themselves. */
export function unlistedTargets(listing: Listing, references: References): Set<string> {
	const found = [...listing.values()].flatMap(({ collection, fields }) =>
		fields.flatMap((field) => references.get(collection)?.get(field) ?? []),
	);
	return new Set(found.filter((target) => !listing.has(target)));
}

/** @param remote shapes of listed and of unlisted targets */
export function referencesStep(listing: Listing, references: References, remote: ReadonlyMap<string, NodeShape>): Step {
	const findings = [...listing.values()].flatMap(({ collection, fields }) =>
		fields.flatMap((field) =>
			(references.get(collection)?.get(field) ?? []).flatMap((target) =>
				listing.has(target) ? [] : [unlisted(collection, field, target, remote)],
			),
		),
	);
	return judge('references', findings, 'All that listed items refer to is listed as well.');
}

function unlisted(collection: string, field: string, target: string, remote: ReadonlyMap<string, NodeShape>): Finding {
	const name = `"${collection}.${field}"`;
	const named = { status: 'warning' as const, collection, field };
	if (!isSyncableCollection(target)) {
		return {
			...named,
			code: 'unsyncable_reference',
			message: `${name} refers to "${target}", which is never synced: a reference arrives only if the remote has an item with the same key.`,
			hint: 'Take the field out of the schema of the source, unless both instances have the same keys there.',
		};
	}
	if (!remote.has(target)) {
		return {
			...named,
			code: 'unreachable_reference',
			message: `${name} refers to "${target}", which is not listed and not on the remote.`,
			hint: `Create "${target}" on the remote and list it, or take the field out of the schema of the source.`,
		};
	}
	return {
		...named,
		code: 'unlisted_reference',
		message: `${name} refers to "${target}", which is not listed: a reference arrives only if the remote has that item already.`,
		hint: `List "${target}" in the schema of the source as well.`,
	};
}
