/** One collection with a field of every Directus type, and values of each that are likely to suffer on the way. */
import type { Item } from './api.ts';
import { field, uuidKey } from './fields.ts';

export const WIDE = 'wide';

/** Definitions as the Studio makes them. */
export const wideFields = (): Item[] => [
	uuidKey(),
	field('string', 'string'),
	field('text', 'text'),
	field('boolean', 'boolean', { special: ['cast-boolean'] }),
	field('integer', 'integer'),
	field('big', 'bigInteger'),
	field('float', 'float'),
	field('decimal', 'decimal', {}, { numeric_precision: 30, numeric_scale: 8 }),
	field('date', 'date'),
	field('time', 'time'),
	field('datetime', 'dateTime'),
	field('timestamp', 'timestamp'),
	field('json', 'json', { special: ['cast-json'] }),
	field('csv', 'csv', { special: ['cast-csv'] }),
	field('uuid', 'uuid'),
	field('hash', 'hash', { special: ['hash'] }),
	field('divider', 'alias', { special: ['alias', 'no-data'], interface: 'presentation-divider' }),
];

/** Those that can be listed: all but the key and the divider. */
export const WIDE_FIELDS = wideFields()
	.filter((each) => each.type !== 'alias' && each.field !== 'id')
	.map((each) => each.field as string);

/** As the REST API takes them; null is tried with every field besides. */
export const WIDE_VALUES: Record<string, readonly unknown[]> = {
	string: ['', ' ', 'null', '0', '007', '1e5', 'Ünïcødé 🎉', 'e\u0301', '\u00e9', '"\'`\\;--\n\t', 'x'.repeat(255)],
	text: ['', '\r\n', 'Zeile\n'.repeat(20_000), '<p>한국어 עברית</p>', '🏳️‍🌈'],
	boolean: [true, false],
	integer: [0, 1, -1, 2_147_483_647, -2_147_483_648],
	big: [0, 1, -1, '9007199254740991', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
	float: [0, 0.1, -0.5, 1e10, 1.5e-7, 123456.5],
	decimal: ['0', '1.10', '-0.00000001', '1234567.12345678', '100', '99999999999999.5'],
	date: ['2024-02-29', '1970-01-01', '0001-01-01', '1899-12-31', '9999-12-31'],
	time: ['00:00:00', '23:59:59', '10:30', '10:30:00.25', '10:30:00.123456'],
	datetime: ['2024-02-29T23:59:59', '1970-01-01T00:00:00', '1969-12-31T23:59:59', '2024-07-01T12:00:00'],
	timestamp: [
		'2024-02-29T10:00:00.123Z',
		'2024-02-29T10:00:00.124Z',
		'1970-01-01T00:00:00.000Z',
		'2024-07-01T12:00:00+05:30',
		'1900-01-01T00:00:00Z',
	],
	json: [
		{},
		[],
		{ b: 1, a: [{ d: null, c: 'ü' }], ' ': { '': '' } },
		[1, 'two', [3, null, true]],
		{ n: 0.1, m: 1e21, o: -0 },
		['__proto__', 'constructor'],
		// Scalars: Directus takes text for JSON that is encoded already.
		5,
		0,
		1.5,
		'"text"',
		'"with \\"quotes\\""',
		'true',
		'false',
		'""',
	],
	csv: [[], ['a'], ['b', 'a'], ['with space', 'ü', '1'], ['', 'x']],
	uuid: ['7c6b6863-d298-453d-a192-4a343eb7ddd3', '00000000-0000-0000-0000-000000000000'],
	hash: ['secret', 'another secret', 'ünï'],
};

/** Rows that together hold every value of every field; the n-th of a field stands in row n, and again from the start. */
export function wideRows(shift = 0): Item[] {
	const count = Math.max(...Object.values(WIDE_VALUES).map((values) => values.length + 1));
	return Array.from({ length: count }, (_, row) =>
		Object.fromEntries(
			Object.entries(WIDE_VALUES).map(([name, values]) => {
				const cycle = [...values, null];
				return [name, cycle[(row + shift) % cycle.length]];
			}),
		),
	);
}
