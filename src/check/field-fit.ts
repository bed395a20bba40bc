/** How values of one field type fit another. Databases differ in how they tell a type, which must not count. */

/** same; wider: every value fits; narrower: some do not, or not exactly; never: they do not mean the same. */
export type Fit = 'same' | 'wider' | 'narrower' | 'never';

export type Sized = { type: string; length: number | null };

/** The likely reason for a field of type `unknown`. */
export const GEOMETRY_HINT = 'A geometry field needs PostGIS in the database, or SpatiaLite';

const GEOMETRIES = ['Point', 'LineString', 'Polygon', 'MultiPoint', 'MultiLineString', 'MultiPolygon'];
/** Directus tells geometries as GeoJSON, so that a JSON field holds them as well. */
const SHAPED = GEOMETRIES.map((each) => [`geometry.${each}`, 'geometry', 'json']);

/** Each group from narrow to wide. A type that is in none fits itself only. */
const GROUPS: readonly (readonly string[])[] = [
	['uuid', 'string', 'text'],
	['integer', 'bigInteger', 'decimal'],
	['hash', 'string', 'text'],
	['csv', 'string', 'text'],
	...SHAPED,
];
/** Convertible with a loss in either direction. */
const LOSSY: readonly (readonly string[])[] = [
	['integer', 'bigInteger', 'decimal'],
	['date', 'dateTime', 'timestamp'],
	['uuid', 'string', 'text', 'hash', 'csv'],
	...SHAPED,
];

const UUID_LENGTH = 36;

export function fitOf(here: Sized, there: Sized): Fit {
	const [from, to] = [plain(here), plain(there)];
	if (from === to || isSameUuid(here, there) || isSameUuid(there, here)) return 'same';
	const isWider = (group: readonly string[]) => group.includes(from) && group.indexOf(to) > group.indexOf(from);
	if (GROUPS.some(isWider)) return 'wider';
	return LOSSY.some((group) => group.includes(from) && group.includes(to)) ? 'narrower' : 'never';
}

/** SQLite has no decimals and tells that they are floats. */
const plain = ({ type }: Sized): string => (type === 'float' ? 'decimal' : type);

/** Databases without a type for UUIDs keep them as texts of their length. */
const isSameUuid = (uuid: Sized, text: Sized): boolean =>
	uuid.type === 'uuid' && text.type === 'string' && text.length === UUID_LENGTH;
