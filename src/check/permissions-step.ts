/** Whether the Data Sync user of the remote may do there what the source's events ask for. Reading is never needed. */

import type { Listing, ListingEntry } from '../sources/listing.ts';
import type { NodeShape, PermissionAction } from '../wire/shapes.ts';
import type { FindingCode } from './codes.ts';
import type { Shapes } from './facts.ts';
import type { CollectionAccess } from './port.ts';
import { type CheckStep, type Finding, finding, judge } from './report.ts';

/** Fields that are named one by one. */
const NAMED = 10;

type Code = FindingCode<'permissions'>;

export function permissionsStep(
	listing: Listing,
	remote: Shapes,
	permissions: ReadonlyMap<string, CollectionAccess>,
): CheckStep {
	const findings = [...listing.values()].flatMap((entry) => {
		const shape = remote.get(entry.collection);
		const access = permissions.get(entry.collection);
		return shape ? entry.events.flatMap((action) => ofAction(entry, shape, access, action)) : [];
	});
	return judge('permissions', findings, 'The Data Sync user may do on the remote all that the source asks for.');
}

function ofAction(
	{ collection, fields }: ListingEntry,
	shape: NodeShape,
	permissions: CollectionAccess | undefined,
	action: PermissionAction,
): Finding<Code>[] {
	const permission = permissions?.[action];
	const found = (status: Finding['status'], code: Code, message: string, hint: string): Finding<Code>[] => [
		finding(status, code, message, hint, { collection, action }),
	];

	if (!permission || permission.access === 'none') {
		if (shape.ignored.includes(action)) {
			const message = `The permission to ${action} in "${collection}" has rules or a choice of fields, which Directus ignores on the remote's plan together with the permission.`;
			return found('error', 'ignored_permission', message, 'Give it for all fields and without rules ("All access").');
		}
		const message = `The remote's policy "Data Sync" has no permission to ${action} in "${collection}".`;
		return found('error', 'missing_permission', message, `Give it there, for all fields${eventsHint(action)}.`);
	}

	const there = new Set(shape.fields.map(({ field }) => field));
	const written = action === 'delete' ? [] : fields.filter((field) => there.has(field));
	const needed = action === 'create' ? [shape.key.field, ...written] : written;
	const allowed = new Set(permission.fields);
	const denied = allowed.has('*') ? [] : needed.filter((field) => !allowed.has(field));
	if (denied.length > 0) {
		const names = denied.slice(0, NAMED).join(', ') + (denied.length > NAMED ? ', …' : '');
		const message = `The remote's policy "Data Sync" may not ${action} these fields of "${collection}": ${names}.`;
		return found('error', 'field_not_permitted', message, 'Add them to the permission there, or allow all fields.');
	}
	if (permission.access === 'partial') {
		const message = `The remote lets the Data Sync user ${action} only those items of "${collection}" that match a rule.`;
		return found(
			'warning',
			'partial_permission',
			message,
			'Remove the rule there, unless you mean it: other items are refused.',
		);
	}
	return [];
}

const eventsHint = (action: PermissionAction): string =>
	`, or leave "${action}" out of the "events" of that collection`;
