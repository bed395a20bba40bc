/** Whether each listed collection is there and has the same kind of key on both sides. */

import type { Listing } from '../sources/listing.ts';
import type { NodeShape } from '../wire/shapes.ts';
import type { FindingCode } from './codes.ts';
import type { Shapes } from './facts.ts';
import { fitOf } from './field-fit.ts';
import { type CheckStep, type Finding, finding, judge } from './report.ts';

export function collectionsStep(listing: Listing, own: Shapes, remote: Shapes): CheckStep {
	const findings = [...listing.keys()].flatMap((collection) => {
		const here = own.get(collection);
		// What is missing here belongs to the step "listing".
		return here ? ofCollection(here, remote.get(collection)) : [];
	});
	const count = listing.size === 1 ? 'The collection is' : `All ${listing.size} collections are`;
	return judge('collections', findings, `${count} on the remote.`);
}

type Found = Finding<FindingCode<'collections'>>;

function ofCollection(here: NodeShape, there: NodeShape | undefined): Found[] {
	const { collection } = here;
	if (!there) {
		const message = `The remote has no collection "${collection}", or its policy "Data Sync" has no permission in it.`;
		const hint =
			'Create it there as it is here, or give the policy its permissions there, or take it out of the schema of the source.';
		return [finding('error', 'missing_collection', message, hint, { collection })];
	}

	const findings: Found[] = [];
	if (!there.active) {
		const message = `The collection "${collection}" is switched off on the remote by the limit of its plan.`;
		const hint = 'Switch it on there, in place of another one, or raise the plan of the remote.';
		findings.push(finding('error', 'inactive_collection', message, hint, { collection }));
	}
	if (here.singleton !== there.singleton) {
		const message = `"${collection}" is a single object on ${here.singleton ? 'this instance' : 'the remote'} only.`;
		const hint = 'Treat it as a single object on both instances, or on none.';
		findings.push(finding('error', 'singleton_differs', message, hint, { collection }));
	}
	// Each instance gives a single object a key of its own.
	return here.singleton && there.singleton ? findings : [...findings, ...ofKey(here, there)];
}

function ofKey(here: NodeShape, there: NodeShape): Found[] {
	const { collection } = here;
	const fit = fitOf(here.key, there.key);
	if (fit === 'same' || fit === 'wider') return [];
	const status = fit === 'never' ? 'error' : 'warning';
	const message = `The key of "${collection}" is of type ${here.key.type} here and ${there.key.type} on the remote.`;
	const hint =
		'Use the same type of key on both instances; a key can not be changed later, so create the collection anew.';
	return [finding(status, 'key_differs', message, hint, { collection, field: there.key.field })];
}
