/** Geometries of every type that Directus has fields for, as GeoJSON. PostGIS tells 15 digits after the point. */
import type { Item } from './api.ts';
import { field, json, text, uuidKey } from './fields.ts';

export const PLACES = 'places';

const HOLED = [
	[
		[0, 0],
		[10, 0],
		[10, 10],
		[0, 10],
		[0, 0],
	],
	[
		[2, 2],
		[2, 4],
		[4, 4],
		[2, 2],
	],
];
const SMALL = [
	[
		[-0.1, -0.1],
		[-0.1, -0.2],
		[-0.2, -0.2],
		[-0.1, -0.1],
	],
];
const LINE = [
	[13.377704123456789, 52.51627598765432],
	[-179.99999999999997, 1e-9],
	[1.5e-14, -89.5],
];

const geometry = (type: string) => (coordinates: unknown) => ({ type, coordinates });
const point = geometry('Point');
const line = geometry('LineString');

/** Two of each at the least, by field. */
export const GEOMETRIES: Record<string, readonly Item[]> = {
	point: [
		[0, 0],
		[-180, 90],
		[13.377704123456789, -52.51627598765432],
		[1e-14, -1.5e-9],
		[123456789.12345679, 1e20],
	].map(point),
	line: [LINE, LINE.slice(0, 2), [...LINE].reverse()].map(line),
	polygon: [HOLED, SMALL].map(geometry('Polygon')),
	points: [LINE, LINE.slice(1, 2), [LINE[0], LINE[0]]].map(geometry('MultiPoint')),
	lines: [[LINE], [LINE, LINE.slice(1)]].map(geometry('MultiLineString')),
	polygons: [[HOLED], [SMALL, HOLED]].map(geometry('MultiPolygon')),
	any: [
		point([1.5, -1.5]),
		line(LINE),
		geometry('MultiPolygon')([HOLED]),
		{ type: 'GeometryCollection', geometries: [point([1, 2]), line(LINE)] },
	],
};

const TYPES: Record<string, string> = {
	point: 'geometry.Point',
	line: 'geometry.LineString',
	polygon: 'geometry.Polygon',
	points: 'geometry.MultiPoint',
	lines: 'geometry.MultiLineString',
	polygons: 'geometry.MultiPolygon',
	any: 'geometry',
};

export const PLACE_FIELDS = ['name', ...Object.keys(GEOMETRIES)];

/** With geometry fields, or with JSON fields in their place, for databases that have none. */
export const placeFields = (how: 'geometry' | 'json'): Item[] => [
	uuidKey(),
	text('name'),
	...Object.entries(TYPES).map(([name, type]) =>
		how === 'json' ? json(name) : field(name, type, { interface: 'map' }),
	),
];

/** Rows that together hold every geometry, and none, in every field. */
export function placeRows(shift = 0): Item[] {
	const count = Math.max(...Object.values(GEOMETRIES).map((values) => values.length + 1));
	return Array.from({ length: count }, (_, row) => ({
		name: `Place ${row}`,
		...Object.fromEntries(
			Object.entries(GEOMETRIES).map(([name, values]) => [
				name,
				[...values, null][(row + shift) % (values.length + 1)],
			]),
		),
	}));
}
