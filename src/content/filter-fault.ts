/**
 * Filter rules that can't be used. Directus silently passes over some of them (a range with one end, a field without a
 * rule): then every item would pass, and leave this instance.
 */

/** A filter rule that can't be used, be it for what it says or for what the collection is by now. The message is for people. */
export class FilterFault extends Error {
	override name = 'FilterFault';

	/** @param fault as half a sentence or a whole one */
	constructor(
		collection: string,
		readonly fault: string,
		options?: ErrorOptions,
	) {
		const why = fault.replace(/\.?$/, '.');
		super(
			`The filter of "${collection}" can't be used: ${why} Correct it in the schema of the source, or restore what it looks at.`,
			options,
		);
	}
}

type Rule = Readonly<Record<string, unknown>>;

const LOGICAL = ['_and', '_or'];
const QUANTIFIERS = ['_some', '_none'];
const RANGES = ['_between', '_nbetween'];

/** What is wrong with the form of a filter rule, as half a sentence; null when nothing is. */
export function ruleFault(rule: unknown): string | null {
	if (!isRule(rule)) return `${JSON.stringify(rule)} is no rule`;
	return firstOf(Object.entries(rule), ([key, value]) => {
		if (LOGICAL.includes(key))
			return Array.isArray(value) ? firstOf(value, ruleFault) : `"${key}" takes a list of rules`;
		if (QUANTIFIERS.includes(key)) return ruleFault(value);
		return key.startsWith('_') ? operandFault(key, value) : fieldFault(key, value);
	});
}

function fieldFault(field: string, value: unknown): string | null {
	const isMissing = value === null || (typeof value === 'object' && Object.keys(value).length === 0);
	if (isMissing) return `"${field}" has no rule, such as { "_nnull": true }`;
	return isRule(value) ? ruleFault(value) : operandFault(field, value);
}

function operandFault(key: string, value: unknown): string | null {
	if (RANGES.includes(key) && listOf(value).length !== 2) return `"${key}" takes two values`;
	const variable = listOf(value).find((each) => typeof each === 'string' && each.startsWith('$CURRENT_'));
	return variable === undefined ? null : `nobody is logged in where items are synced, so "${variable}" has no value`;
}

const isRule = (value: unknown): value is Rule => typeof value === 'object' && value !== null && !Array.isArray(value);

/** As Directus takes a list: also as text with commas. */
function listOf(value: unknown): unknown[] {
	if (Array.isArray(value)) return value;
	return typeof value === 'string' ? value.split(',') : [value];
}

function firstOf<T>(items: readonly T[], faultOf: (item: T) => string | null): string | null {
	for (const item of items) {
		const fault = faultOf(item);
		if (fault !== null) return fault;
	}
	return null;
}
