/** Whether two instances could give one key to different items. */

import type { Listing } from '../sources/listing.ts';
import type { NodeShape } from '../wire/shapes.ts';
import { type CheckStep, type Finding, judge } from './report.ts';

export function keysStep(
	listing: Listing,
	own: ReadonlyMap<string, NodeShape>,
	remote: ReadonlyMap<string, NodeShape>,
): CheckStep {
	const findings = [...listing.values()].flatMap(({ collection, events }): Finding[] => {
		const counted = own.get(collection)?.key.counted && remote.get(collection)?.key.counted;
		if (!counted || !events.includes('create')) return [];
		return [
			{
				status: 'warning',
				code: 'counted_keys',
				collection,
				message: `Both instances count up the keys of "${collection}" by themselves, so that two new items can get one key; that is reported, and none of the two is overwritten.`,
				hint: 'Create items of it on one instance only, or use UUID keys.',
			},
		];
	});
	return judge('keys', findings, 'No two instances give one key to different items.');
}
