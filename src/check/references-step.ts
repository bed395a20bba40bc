/** Whether what the listed items refer to can be on the remote, and what becomes of references that can not. */

import { isSyncableCollection } from '../content/syncable.ts';
import type { Unlisted } from '../sources/expand-listing.ts';
import type { Listing, OnMissingOption } from '../sources/listing.ts';
import type { FindingCode } from './codes.ts';
import type { Shapes } from './facts.ts';
import { type CheckStep, type Finding, finding, judge } from './report.ts';

/** What happens where the remote lacks the item. */
const EFFECTS: Record<OnMissingOption, string> = {
	leave: 'where the remote lacks the item, the field is left out',
	null: 'where the remote lacks the item, the field is emptied there',
	wait: 'where the remote lacks the item, the one that refers to it waits',
	skip: 'where the remote lacks the item, the one that refers to it is not written',
};

/** @param remote shapes of listed collections and of those that are referred to */
export function referencesStep(listing: Listing, unlisted: readonly Unlisted[], remote: Shapes): CheckStep {
	const findings = unlisted.flatMap(({ collection, field, to }) => {
		const effect = EFFECTS[listing.get(collection)?.onMissing ?? 'leave'];
		return to.map((target) => toFinding(collection, field, target, effect, remote));
	});
	return judge('references', findings, 'All that listed items refer to is listed as well.');
}

type Code = FindingCode<'references'>;

function toFinding(collection: string, field: string, target: string, effect: string, remote: Shapes): Finding<Code> {
	const found = (code: Code, why: string, hint: string): Finding<Code> => {
		const message = `"${collection}.${field}" refers to "${target}", ${why}: ${effect}.`;
		return finding('warning', code, message, hint, { collection, field });
	};
	if (!isSyncableCollection(target)) {
		const hint = 'Take the field out of the schema of the source, unless both instances have the same keys there.';
		return found('unsyncable_reference', 'which is never synced', hint);
	}
	if (!remote.has(target)) {
		const hint = `Create "${target}" on the remote and list it, or take the field out of the schema of the source.`;
		return found('unreachable_reference', 'which is neither listed nor on the remote', hint);
	}
	return found('unlisted_reference', 'which is not listed', `List "${target}" in the schema of the source as well.`);
}
