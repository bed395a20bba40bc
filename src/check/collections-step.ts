/** Whether each listed collection is there and has the same kind of key on both sides. */

import type { Listing } from '../sources/listing.ts';
import type { NodeShape } from '../wire/shapes.ts';
import { fitOf } from './field-fit.ts';
import { type CheckStep, type Finding, judge } from './report.ts';

export function collectionsStep(
	listing: Listing,
	own: ReadonlyMap<string, NodeShape>,
	remote: ReadonlyMap<string, NodeShape>,
): CheckStep {
	const findings = [...listing.keys()].flatMap((collection) => {
		const here = own.get(collection);
		// What is missing here belongs to the step "listing".
		return here ? ofCollection(here, remote.get(collection)) : [];
	});
	const count = listing.size === 1 ? 'The collection is' : `All ${listing.size} collections are`;
	return judge('collections', findings, `${count} on the remote.`);
}

function ofCollection(here: NodeShape, there: NodeShape | undefined): Finding[] {
	const { collection } = here;
	if (!there) {
		return [
			{
				status: 'error',
				code: 'missing_collection',
				collection,
				message: `The remote has no collection "${collection}".`,
				hint: 'Create it there as it is here, or take it out of the schema of the source.',
			},
		];
	}

	const findings: Finding[] = [];
	if (!there.active) {
		findings.push({
			status: 'error',
			code: 'inactive_collection',
			collection,
			message: `The collection "${collection}" is switched off on the remote by the limit of its plan.`,
			hint: 'Switch it on there, in place of another one, or raise the plan of the remote.',
		});
	}
	if (here.singleton !== there.singleton) {
		findings.push({
			status: 'error',
			code: 'singleton_differs',
			collection,
			message: `"${collection}" is a single object on ${here.singleton ? 'this instance' : 'the remote'} only.`,
			hint: 'Treat it as a single object on both instances, or on none.',
		});
	}
	// Each instance gives a single object a key of its own.
	return here.singleton && there.singleton ? findings : [...findings, ...ofKey(here, there)];
}

function ofKey(here: NodeShape, there: NodeShape): Finding[] {
	const { collection } = here;
	const fit = fitOf(here.key, there.key);
	if (fit === 'same' || fit === 'wider') return [];
	return [
		{
			status: fit === 'never' ? 'error' : 'warning',
			code: 'key_differs',
			collection,
			field: there.key.field,
			message: `The key of "${collection}" is of type ${here.key.type} here and ${there.key.type} on the remote.`,
			hint: 'Use the same type of key on both instances; a key can not be changed later, so create the collection anew.',
		},
	];
}
