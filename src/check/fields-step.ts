/** Whether each listed field can take on the remote what it holds here. */

import type { Listing, ListingEntry } from '../sources/listing.ts';
import type { NodeField, NodeShape } from '../wire/shapes.ts';
import type { FindingCode } from './codes.ts';
import type { Shapes } from './facts.ts';
import { fitOf, GEOMETRY_HINT } from './field-fit.ts';
import { type CheckStep, type Finding, finding, judge } from './report.ts';

export function fieldsStep(listing: Listing, own: Shapes, remote: Shapes): CheckStep {
	const findings = [...listing.values()].flatMap((entry) => {
		const here = own.get(entry.collection);
		const there = remote.get(entry.collection);
		return here && there ? [...ofFields(here, there), ...required(entry, here, there)] : [];
	});
	return judge('fields', findings, 'All listed fields are on the remote and take what they hold here.');
}

type Code = FindingCode<'fields'>;
type Found = Finding<Code>;
/** Makes a finding of the field that is looked at, and a list of it. */
type Find = (status: Finding['status'], code: Code, message: string, hint: string) => Found[];

const ofFields = (here: NodeShape, there: NodeShape): Found[] =>
	here.fields
		// That one is secret or can't be read here is told by the step "listing".
		.filter(({ secret, type }) => !secret && type !== 'unknown')
		.flatMap((field) =>
			ofField(
				here.collection,
				field,
				there.fields.find((other) => other.field === field.field),
			),
		);

function ofField(collection: string, here: NodeField, there: NodeField | undefined): Found[] {
	const { field } = here;
	const name = `"${collection}.${field}"`;
	const found: Find = (status, code, message, hint) => [finding(status, code, message, hint, { collection, field })];

	if (!there) {
		const hint = 'Create it there as it is here, or take it out of the schema of the source.';
		return found('error', 'missing_field', `The remote has no field ${name}.`, hint);
	}
	if (there.secret) {
		const hint = 'Such values belong to one instance: take the field out of the schema of the source.';
		return found('error', 'secret_field', `${name} is encrypted or concealed on the remote.`, hint);
	}
	if (there.generated) {
		const hint = 'Take it out of the schema of the source.';
		return found('error', 'generated_field', `${name} is computed by the database of the remote.`, hint);
	}
	if (there.type === 'unknown') {
		const hint = `${GEOMETRY_HINT}. A field of type JSON there takes geometries as well.`;
		return found('error', 'unreadable_field', `Directus can neither read nor write ${name} on the remote.`, hint);
	}
	return [...ofType(name, here, there, found), ...ofNull(name, here, there, found)];
}

function ofType(name: string, here: NodeField, there: NodeField, found: Find): Found[] {
	const fit = fitOf(here, there);
	const told = `${name} is of type ${here.type} here and ${there.type} on the remote`;
	if (fit === 'never') return found('error', 'type_differs', `${told}.`, 'Give it the same type on both instances.');
	if (fit === 'narrower') {
		const hint = 'Give it the same type on both instances.';
		return found('warning', 'type_narrower', `${told}, which can not hold every value exactly.`, hint);
	}
	return ofSize(name, here, there, found);
}

/** Sizes matter only as far as the other side is smaller. */
function ofSize(name: string, here: NodeField, there: NodeField, found: Find): Found[] {
	if (isText(there.type) && isSmaller(there.length, here.length)) {
		const message = `${name} takes at most ${there.length} characters on the remote${here.length ? `, ${here.length} here` : ''}; longer values are refused.`;
		return found('warning', 'length_smaller', message, 'Give it the same length on both instances.');
	}
	if (there.type === 'decimal' && here.type === 'decimal') {
		const whole = (field: NodeField) => (field.precision === null ? null : field.precision - (field.scale ?? 0));
		if (isSmaller(there.scale, here.scale) || isSmaller(whole(there), whole(here))) {
			const message = `${name} has ${sizeOf(there)} on the remote, ${sizeOf(here)} here; what does not fit is rounded or refused.`;
			return found('warning', 'precision_smaller', message, 'Give it the same precision and scale on both instances.');
		}
	}
	return [];
}

const isText = (type: string): boolean => type === 'string' || type === 'text' || type === 'csv' || type === 'hash';
const isSmaller = (there: number | null, here: number | null): boolean =>
	there !== null && there > 0 && (here === null || here === 0 ? false : there < here);
const sizeOf = ({ precision, scale }: NodeField): string => `precision ${precision ?? '?'} and scale ${scale ?? '?'}`;

function ofNull(name: string, here: NodeField, there: NodeField, found: Find): Found[] {
	if (!here.nullable || there.nullable) return [];
	const hint = 'Allow it to be empty there, or require a value here as well.';
	return found('error', 'not_null', `${name} may be empty here, and never on the remote.`, hint);
}

/** A field that the remote can't do without, and is never sent. */
function required({ events, fields }: ListingEntry, here: NodeShape, there: NodeShape): Found[] {
	// Where a file is kept is the remote's own business, which fills it in.
	if (!events.includes('create') || here.collection === 'directus_files') return [];
	return there.required
		.filter((field) => !fields.includes(field))
		.map((field) =>
			finding(
				'error',
				'required_field',
				`The remote creates no item of "${here.collection}" without a value of "${field}", which is not listed.`,
				'List the field, or give it a default value on the remote, or allow it to be empty there.',
				{ collection: here.collection, field },
			),
		);
}
