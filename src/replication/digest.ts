/**
 * Canonical form and digest of a field's value. The same content must give the same digest on every database
 * vendor, so the canonical form is decided by the field's Directus type, not by what the driver returns.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { sortedJson } from './sorted-json.ts';

/** 16 hexadecimal digits: the first 64 bits of the SHA-256 of the canonical value. */
export type Digest = string & { readonly __brand: 'Digest' };

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const NUMERIC = new Set(['integer', 'bigInteger', 'float', 'decimal']);

/** One text per value, whatever it is: equal texts mean equal content. `type` is the field's Directus type. */
export function canonicalValue(type: string, value: unknown): string {
	return sortedJson(normalise(type, value));
}

export function digestValue(type: string, value: unknown): Digest {
	return digestText(canonicalValue(type, value));
}

export function digestText(text: string): Digest {
	return bytesToHex(sha256(utf8ToBytes(text)).subarray(0, 8)) as Digest;
}

function normalise(type: string, value: unknown): unknown {
	if (value === null || value === undefined) return null;
	if (type === 'boolean') return value === true || value === 1 || value === '1' || value === 'true' ? 1 : 0;
	if (NUMERIC.has(type)) return normaliseNumber(textOf(value));
	if (type === 'timestamp') return normaliseInstant(value);
	if (type === 'dateTime') return normaliseLocal(value, 19);
	if (type === 'date') return normaliseLocal(value, 10);
	if (type === 'time') return normaliseTime(textOf(value));
	if (type === 'csv') return Array.isArray(value) ? value.map(textOf) : textOf(value).split(',').filter(Boolean);
	if (type === 'uuid') return textOf(value).toLowerCase();
	if (type === 'json' || type.startsWith('geometry')) return parseIfText(value);
	return typeof value === 'object' ? value : String(value);
}

/** Objects are no values of most types, and to make text of them as JavaScript does may fail. */
function textOf(value: unknown): string {
	return typeof value === 'object' && value !== null && !(value instanceof Date) ? sortedJson(value) : String(value);
}

/** Drops what databases add or drop: leading and trailing zeros, a plus sign, an exponent. */
function normaliseNumber(text: string): string {
	const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text);
	const [, sign, whole = '', fraction = '', exponent = '0'] = match ?? [];
	if (whole + fraction === '') return text;

	const point = whole.length + Number(exponent);
	const digits = point > 0 ? (whole + fraction).padEnd(point, '0') : '0'.repeat(1 - point) + whole + fraction;
	const integer = digits.slice(0, Math.max(point, 1)).replace(/^0+(?=\d)/, '');
	const rest = withoutZerosAtEnd(digits.slice(Math.max(point, 1)));
	const plain = rest === '' ? integer : `${integer}.${rest}`;
	return sign === '-' && plain !== '0' ? `-${plain}` : plain;
}

/** An instant in UTC to the millisecond, which is what Directus reads and writes; fractions of zero are left out. */
function normaliseInstant(value: unknown): string {
	const date = value instanceof Date || typeof value === 'number' ? new Date(value) : new Date(textOf(value));
	if (Number.isNaN(date.getTime())) return textOf(value);
	return date.toISOString().replace('.000Z', 'Z');
}

/** A time of day; databases add seconds, drop trailing zeros and may add an offset that means nothing. */
function normaliseTime(text: string): string {
	const [, time, fraction = ''] = /^(\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(?:Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text) ?? [];
	if (time === undefined) return text;
	const digits = fraction.replace(/0+$/, '');
	return digits === '' ? toSeconds(time) : `${toSeconds(time)}.${digits}`;
}

function normaliseLocal(value: unknown, length: number): string {
	const isMoment = value instanceof Date && !Number.isNaN(value.getTime());
	const text = isMoment ? value.toISOString() : textOf(value);
	return toSeconds(text.replace(' ', 'T')).slice(0, length);
}

/** Adds the seconds that a database may have left out. */
const toSeconds = (text: string): string => (/(^|T)\d\d:\d\d$/.test(text) ? `${text}:00` : text);

/** Objects and lists may come as their text; any other text is a text, even where it looks like a number. */
function parseIfText(value: unknown): unknown {
	if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
	try {
		return JSON.parse(value);
	} catch {
		return value;
	}
}

/** By hand: a regular expression takes a day for a million zeros that something follows, and a remote may send those. */
function withoutZerosAtEnd(digits: string): string {
	let end = digits.length;
	while (end > 0 && digits[end - 1] === '0') end -= 1;
	return digits.slice(0, end);
}
