/** How values of one field type fit another. */

/** same; wider: every value fits; narrower: some do not, or not exactly; never: they do not mean the same. */
export type Fit = 'same' | 'wider' | 'narrower' | 'never';

/** Each group from narrow to wide. A type that is in none fits itself only. */
const GROUPS: readonly (readonly string[])[] = [
	['uuid', 'string', 'text'],
	['integer', 'bigInteger', 'decimal'],
	['integer', 'float'],
	['hash', 'string', 'text'],
	['csv', 'string', 'text'],
];
/** Convertible with a loss in either direction. */
const LOSSY: readonly (readonly string[])[] = [
	['integer', 'bigInteger', 'decimal', 'float'],
	['date', 'dateTime', 'timestamp'],
	['uuid', 'string', 'text', 'hash', 'csv'],
];

export function fitOf(from: string, to: string): Fit {
	if (from === to) return 'same';
	const isWider = (group: readonly string[]) => group.includes(from) && group.indexOf(to) > group.indexOf(from);
	if (GROUPS.some(isWider)) return 'wider';
	return LOSSY.some((group) => group.includes(from) && group.includes(to)) ? 'narrower' : 'never';
}
