/**
 * Requests to `POST /data-sync/changes` at random, for tests that anybody may send anything: batches after the wire schema, with
 * values, names and lives from its edges, and what becomes of such a batch when parts of it are replaced, left out or broken.
 */
import fc from 'fast-check';
import { CHANGE_MODES, ON_MISSING } from '../../src/replication/change.ts';
import type { Item } from './api.ts';
import { PEER, stamp } from './wire.ts';

export type RandomRequest = { body: string; type: string };

const MINUTE = 60_000;

/** What a database, JavaScript or Directus might stumble over. */
const ODD = [
	'',
	'\u0000',
	'\ud800',
	'__proto__',
	'constructor',
	'toString',
	'$singleton',
	'$NOW',
	"'; drop table articles; --",
	'{{a}}',
	'../../etc/passwd',
	'💥'.repeat(50),
	'x'.repeat(3000),
	'1e999',
	'-0',
	'9223372036854775808',
	'2026-02-30T25:61:61Z',
];
const ODD_VALUES = [
	null,
	true,
	false,
	0,
	-0,
	-1,
	1.5,
	1e308,
	2 ** 31,
	2 ** 53 + 2,
	[],
	{},
	[[]],
	{ _eq: 1 },
	{ id: 1 },
];

const text = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom(...ODD));
const value = fc.oneof(text, fc.constantFrom(...ODD_VALUES), fc.jsonValue({ maxDepth: 4 }));
const nodeId = fc.oneof(
	{ weight: 4, arbitrary: fc.constant(PEER) },
	{ weight: 1, arbitrary: fc.stringMatching(/^[0-9a-f]{12}$/) },
);
const moment = fc
	.tuple(fc.oneof(fc.integer({ min: -30 * MINUTE, max: 0 }), fc.integer({ min: -1e12, max: 1e12 })), fc.nat(0xffff))
	.map(([offset, counter]) => stamp(offset, counter));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

/** @param items keys of items that are there, by collection, beside those that are not */
export function arbitraryBatch(items: ReadonlyMap<string, readonly string[]>): fc.Arbitrary<Item> {
	const fields = ['title', 'body', 'rating', 'author', 'slug', 'name', 'id', 'extra', 'email', 'role', '$content'];
	const field = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...fields) }, { weight: 1, arbitrary: text });
	const byField = <T>(arbitrary: fc.Arbitrary<T>) => fc.dictionary(field, arbitrary, { maxKeys: 5 });
	const key = (collection: string) =>
		fc.oneof(fc.constantFrom(...(items.get(collection) ?? ['1'])), fc.uuid(), fc.nat(9).map(String), text);
	const collection = fc.oneof(
		{ weight: 8, arbitrary: fc.constantFrom(...items.keys()) },
		{ weight: 1, arbitrary: text },
	);
	const change = collection.chain((name) =>
		fc.record(
			{
				collection: fc.constant(name),
				item: key(name),
				life: fc.oneof(fc.constantFrom(1, 1, 1, 2, 3), fc.integer({ min: 1, max: 2 ** 31 - 1 })),
				at: moment,
				born: nullable(moment),
				buried: fc.array(nullable(moment), { maxLength: 3 }),
				fields: byField(value),
				stamps: byField(moment),
				over: nullable(moment),
				overs: byField(nullable(moment)),
				emails: byField(text),
				mode: fc.constantFrom(...CHANGE_MODES),
				onMissing: byField(fc.constantFrom(...ON_MISSING)),
			},
			{ requiredKeys: ['collection', 'item', 'life', 'at', 'fields'] },
		),
	);
	const turn = fc.stringMatching(/^[0-9a-f]{12}$/);
	const link = fc.record({
		source: fc.constantFrom('one', 'two'),
		turn: nullable(turn),
		after: fc.array(nullable(turn), { maxLength: 3 }),
	});
	return fc
		.record({
			protocol: fc.constant(1),
			node: nodeId,
			path: fc.array(nodeId, { maxLength: 4 }),
			link: maybe(link),
			changes: fc.array(change, { minLength: 1, maxLength: 6 }),
		})
		.map((batch) => JSON.parse(JSON.stringify(batch)) as Item);
}

/** Where in the batch, as a share of all places; what is done there; and with what. */
type Mutation = { where: number; how: 'replace' | 'remove' | 'double'; by: unknown };

const mutation: fc.Arbitrary<Mutation> = fc.record({
	where: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
	how: fc.constantFrom('replace', 'remove', 'double'),
	by: value,
});

/** Well-formed ones, ones with some mutations, and ones whose text is broken. */
export function arbitraryRequest(items: ReadonlyMap<string, readonly string[]>): fc.Arbitrary<RandomRequest> {
	const json = 'application/json';
	const batch = arbitraryBatch(items);
	const whole = batch.map((body) => ({ body: JSON.stringify(body), type: json }));
	const mutated = fc
		.tuple(batch, fc.array(mutation, { minLength: 1, maxLength: 3 }))
		.map(([body, mutations]) => ({ body: JSON.stringify(mutations.reduce(mutate, body)), type: json }));
	const broken = fc
		.tuple(batch, fc.nat(), fc.nat(50), text)
		.map(([body, at, length, put]) => ({ body: cut(JSON.stringify(body), at, length, put), type: json }));
	const other = fc
		.tuple(
			fc.oneof(
				value.map((each) => JSON.stringify(each)),
				text,
			),
			fc.constantFrom(json, 'text/plain', 'application/x-www-form-urlencoded'),
		)
		.map(([body, type]) => ({ body, type }));
	return fc.oneof(
		{ weight: 6, arbitrary: whole },
		{ weight: 4, arbitrary: mutated },
		{ weight: 1, arbitrary: broken },
		{ weight: 1, arbitrary: other },
	);
}

function mutate(batch: Item, { where, how, by }: Mutation): Item {
	const copy = structuredClone(batch);
	const places = placesOf(copy);
	const place = places[Math.floor(where * places.length)];
	if (!place) return copy;
	const [parent, key] = place;

	if (Array.isArray(parent)) {
		if (how === 'replace') parent[Number(key)] = by;
		else parent.splice(Number(key), how === 'remove' ? 1 : 0, ...(how === 'double' ? [parent[Number(key)]] : []));
	} else if (how === 'replace') parent[key] = by;
	else if (how === 'remove') delete parent[key];
	else parent[`${key} again`] = parent[key];
	return copy;
}

type Parent = Record<string, unknown> | unknown[];

function placesOf(parent: unknown): [parent: Parent, key: string][] {
	if (typeof parent !== 'object' || parent === null) return [];
	return Object.entries(parent).flatMap(
		([key, child]) => [[parent as Parent, key], ...placesOf(child)] as [Parent, string][],
	);
}

function cut(whole: string, at: number, length: number, put: string): string {
	const start = at % Math.max(1, whole.length);
	return whole.slice(0, start) + put + whole.slice(start + length);
}
