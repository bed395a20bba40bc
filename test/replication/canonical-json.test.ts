import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isNestedDeeper } from '../../src/replication/canonical-json.ts';
import type { Json } from '../../src/replication/digest.ts';

const DEPTH = 200_000;

/** The obvious way, which recursion limits. */
function sortKeys(value: Json): Json {
	if (Array.isArray(value)) return value.map(sortKeys);
	if (value === null || typeof value !== 'object') return value;
	const sorted: { [key: string]: Json } = Object.create(null);
	for (const key of Object.keys(value).sort()) sorted[key] = sortKeys(value[key] ?? null);
	return sorted;
}

function nested(levels: number, core: Json = 1): Json {
	let value = core;
	for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { key: value };
	return value;
}

describe('canonical JSON', () => {
	it('is what JSON.stringify makes of a copy with sorted keys', () => {
		fc.assert(
			fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
				expect(canonicalJson(value as Json)).toBe(JSON.stringify(sortKeys(value as Json)));
			}),
			{ numRuns: 500 },
		);
		const odd = { 10: 1, 9: 2, b: 3, a: 4, '-1': 5, '': 6, __proto__x: 7, nan: Number.NaN };
		expect(canonicalJson(odd)).toBe(JSON.stringify(sortKeys(odd)));
	});

	it('has no limit of depth, and tells deep values apart', () => {
		expect(canonicalJson(nested(DEPTH))).toHaveLength(DEPTH * 5 + 1);
		expect(canonicalJson(nested(DEPTH, 1))).not.toBe(canonicalJson(nested(DEPTH, 2)));
	});

	it('takes a long list at once', () => {
		const list = Array.from({ length: 300_000 }, (_, index) => index);
		expect(canonicalJson(list)).toBe(JSON.stringify(list));
	});
});

describe('nesting', () => {
	it('is counted in lists and objects', () => {
		expect(isNestedDeeper('text', 0)).toBe(false);
		expect(isNestedDeeper(nested(3), 3)).toBe(false);
		expect(isNestedDeeper(nested(4), 3)).toBe(true);
		expect(isNestedDeeper([1, [2], nested(4)], 3)).toBe(true);
		expect(isNestedDeeper(nested(DEPTH), 500)).toBe(true);
	});
});
