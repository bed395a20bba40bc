/** Whether two instances could give one key to different items. */

import type { Listing } from '../sources/listing.ts';
import type { Shapes } from './facts.ts';
import { type CheckStep, finding, judge } from './report.ts';

export function keysStep(listing: Listing, own: Shapes, remote: Shapes): CheckStep {
	const hint = 'Create items of it on one instance only, or use UUID keys.';
	const findings = [...listing.values()].flatMap(({ collection, events }) => {
		const counted = own.get(collection)?.key.counted && remote.get(collection)?.key.counted;
		if (!counted || !events.includes('create')) return [];
		const message = `Both instances count up the keys of "${collection}" by themselves, so that two new items can get one key; that is reported, and none of the two is overwritten.`;
		return [finding('warning', 'counted_keys', message, hint, { collection })];
	});
	return judge('keys', findings, 'No two instances give one key to different items.');
}
