import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { CHANGE_MODES, type Change, itemId } from '../../src/replication/change.ts';
import type { NodeId, Timestamp } from '../../src/replication/timestamp.ts';
import type { Turn } from '../../src/replication/turns.ts';
import {
	answerSchema,
	BATCH_LIMITS,
	type Batch,
	batchSchema,
	decodeBatch,
	encodeAnswer,
	encodeBatch,
	encodeChange,
	PROTOCOL,
} from '../../src/wire/batch.ts';
import { OUTCOMES, RESULT_CODES } from '../../src/wire/result.ts';
import { closeTimestamp } from '../replication/arbitraries.ts';

const NODE = '0123456789ab' as NodeId;
const OTHER = 'ba9876543210' as NodeId;
const EARLY = '019b76daa87b-0000-0123456789ab0001' as Timestamp;
const LATE = '019b76daa87c-0000-ba98765432100001' as Timestamp;

const LINK = { source: 'c1', turn: '00000000000a' as Turn, after: [null, '00000000000b' as Turn] };

const fieldName = fc
	.string({ minLength: 1, maxLength: BATCH_LIMITS.field })
	.filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name));

const change: fc.Arbitrary<Change> = fc.record({
	collection: fc.string({ minLength: 1, maxLength: BATCH_LIMITS.collection }),
	item: fc.string({ minLength: 1, maxLength: BATCH_LIMITS.item }),
	life: fc.integer({ min: 1, max: 9 }),
	born: fc.option(closeTimestamp, { nil: null }),
	fields: fc.dictionary(
		fieldName,
		fc.record(
			{
				at: closeTimestamp,
				value: fc.jsonValue() as fc.Arbitrary<null>,
				over: fc.option(closeTimestamp, { nil: null }),
				email: fc.string({ minLength: 1, maxLength: BATCH_LIMITS.email }),
			},
			{ requiredKeys: ['at', 'value'] },
		),
	),
	mode: fc.constantFrom(...CHANGE_MODES),
});

/** As it comes out at the other end. */
function travel(batch: Batch): Batch {
	return decodeBatch(v.parse(batchSchema, JSON.parse(JSON.stringify(encodeBatch(batch)))));
}

const wireChange = { collection: 'articles', item: '1', life: 1, at: EARLY, fields: { title: 'Hello' } };
const wireBatch = { protocol: PROTOCOL, node: NODE, path: [NODE], changes: [wireChange] };
const withChange = (part: object) => ({ ...wireBatch, changes: [{ ...wireChange, ...part }] });

/** Where the schema says the body is wrong; null when it takes it. */
function refusedAt(body: unknown): string | null {
	const parsed = v.safeParse(batchSchema, body);
	return parsed.success ? null : (v.getDotPath(parsed.issues[0]) ?? 'body');
}

describe('batch', () => {
	it('survives the round trip over the wire', () => {
		const batches = fc.array(change, { minLength: 1, maxLength: 3 });
		fc.assert(
			fc.property(batches, (changes) => {
				const batch = { node: NODE, path: [NODE, OTHER], link: LINK, changes };
				const travelled: unknown = JSON.parse(JSON.stringify(batch));
				expect(travel(batch)).toEqual(travelled);
			}),
		);
	});

	it('takes values nested 2,000 levels deep, and names the field of one that is nested deeper', () => {
		const nested = (levels: number) =>
			withChange({ fields: { tags: JSON.parse('['.repeat(levels) + ']'.repeat(levels)) } });
		expect(refusedAt(nested(2000))).toBe(null);
		expect(refusedAt(nested(2001))).toBe('changes.0.fields.tags');
		expect(refusedAt(nested(200_000))).toBe('changes.0.fields.tags');
	});

	it('looks like this for ever', () => {
		const changes: Change[] = [
			{
				collection: 'articles',
				item: '7',
				life: 1,
				born: EARLY,
				fields: {
					title: { at: EARLY, value: 'Hello' },
					body: { at: LATE, value: null },
					tags: { at: EARLY, value: ['a'] },
				},
				mode: 'upsert',
			},
			{ collection: 'articles', item: '8', life: 2, born: null, fields: {}, mode: 'upsert' },
			{ collection: 'pages', item: 'home', life: 3, born: LATE, fields: {}, mode: 'probe' },
		];
		const batch = { node: NODE, path: [NODE, OTHER], link: LINK, changes };
		expect(JSON.stringify(encodeBatch(batch))).toBe(
			'{"protocol":1,"node":"0123456789ab","path":["0123456789ab","ba9876543210"],' +
				'"link":{"source":"c1","turn":"00000000000a","after":[null,"00000000000b"]},"changes":[' +
				'{"collection":"articles","item":"7","life":1,"born":"019b76daa87b-0000-0123456789ab0001",' +
				'"at":"019b76daa87b-0000-0123456789ab0001","fields":{"title":"Hello","body":null,"tags":["a"]},' +
				'"stamps":{"body":"019b76daa87c-0000-ba98765432100001"}},' +
				'{"collection":"articles","item":"8","life":2},' +
				'{"collection":"pages","item":"home","life":3,"born":"019b76daa87c-0000-ba98765432100001","mode":"probe"}]}',
		);
		expect(travel(batch)).toEqual(batch);
	});

	it('tells which items a counted key has had like this for ever', () => {
		const of = (item: string, life: number, buried: Change['buried']): Change => {
			return { collection: 'pages', item, life, born: LATE, buried, fields: {}, mode: 'upsert' };
		};
		const batch = { node: NODE, path: [NODE], link: null, changes: [of('1', 3, [null, EARLY])] };
		expect(JSON.stringify(encodeBatch(batch).changes)).toBe(
			'[{"collection":"pages","item":"1","life":3,"born":"019b76daa87c-0000-ba98765432100001",' +
				'"buried":[null,"019b76daa87b-0000-0123456789ab0001"]}]',
		);
		expect(travel(batch)).toEqual(batch);
		expect(encodeChange(of('1', 1, []))).not.toHaveProperty('buried');
		expect(refusedAt(withChange({ buried: [EARLY, 'x'] }))).toBe('changes.0.buried.1');
		expect(refusedAt(withChange({ buried: EARLY }))).toBe('changes.0.buried');
	});

	it('tells what writers had seen like this for ever', () => {
		const changes: Change[] = [
			{
				collection: 'articles',
				item: '7',
				life: 1,
				born: null,
				fields: {
					title: { at: LATE, value: 'Hello', over: EARLY },
					body: { at: LATE, value: '', over: EARLY },
					lead: { at: LATE, value: '', over: null },
					tags: { at: LATE, value: [] },
					old: { at: EARLY, value: 1 },
				},
				mode: 'upsert',
			},
			{
				collection: 'articles',
				item: '8',
				life: 2,
				born: null,
				fields: {},
				ended: { at: LATE, over: EARLY },
				mode: 'upsert',
			},
			{
				collection: 'articles',
				item: '9',
				life: 1,
				born: null,
				fields: { title: { at: EARLY, value: 1, over: null } },
				mode: 'upsert',
			},
		];
		expect(JSON.stringify(changes.map(encodeChange))).toBe(
			'[{"collection":"articles","item":"7","life":1,"at":"019b76daa87c-0000-ba98765432100001",' +
				'"over":"019b76daa87b-0000-0123456789ab0001",' +
				'"fields":{"title":"Hello","body":"","lead":"","tags":[],"old":1},' +
				'"stamps":{"lead":"019b76daa87c-0000-ba98765432100001","tags":"019b76daa87c-0000-ba98765432100001",' +
				'"old":"019b76daa87b-0000-0123456789ab0001"},"overs":{"lead":null}},' +
				'{"collection":"articles","item":"8","life":2,"at":"019b76daa87c-0000-ba98765432100001",' +
				'"over":"019b76daa87b-0000-0123456789ab0001"},' +
				'{"collection":"articles","item":"9","life":1,"at":"019b76daa87b-0000-0123456789ab0001",' +
				'"over":null,"fields":{"title":1}}]',
		);
		expect(travel({ node: NODE, path: [], link: null, changes }).changes).toEqual(changes);
	});

	it('writes the stamp of fields that were written together once, and what their writer had seen', () => {
		const fields = Object.fromEntries(
			Array.from({ length: 20 }, (_, index) => [`f${index}`, { at: LATE, value: 1, over: EARLY }]),
		);
		const encoded = encodeChange({ collection: 'c', item: '1', life: 1, born: null, fields, mode: 'upsert' });
		expect(JSON.stringify(encoded).split(EARLY)).toHaveLength(2);
		expect(JSON.stringify(encoded).split(LATE)).toHaveLength(2);
	});

	it('leaves a field out that has no value, rather than sending what JSON can not say', () => {
		const fields = { gone: { at: EARLY, value: undefined as unknown as null } };
		const [decoded] = travel({
			node: NODE,
			path: [],
			link: null,
			changes: [{ collection: 'c', item: '1', life: 1, born: null, fields, mode: 'upsert' }],
		}).changes;
		expect(decoded?.fields).toEqual({});
	});

	it('takes a plain batch, and one that only compares a link', () => {
		expect(refusedAt(wireBatch)).toBe(null);
		expect(refusedAt({ ...wireBatch, link: LINK, changes: [] })).toBe(null);
	});

	it.each<[at: string, body: unknown]>([
		['body', null],
		['body', 'text'],
		['body', 7],
		['protocol', []],
		['protocol', {}],
		['protocol', { ...wireBatch, protocol: 2 }],
		['protocol', { ...wireBatch, protocol: '1' }],
		['node', { ...wireBatch, node: undefined }],
		['node', { ...wireBatch, node: '0123456789AB' }],
		['node', { ...wireBatch, node: NODE + NODE }],
		['path', { ...wireBatch, path: undefined }],
		['path', { ...wireBatch, path: NODE }],
		['path.1', { ...wireBatch, path: [NODE, 'x'] }],
		['path', { ...wireBatch, path: Array(BATCH_LIMITS.receivedPath + 1).fill(NODE) }],
		['extra', { ...wireBatch, extra: 1 }],
		['changes', { ...wireBatch, changes: undefined }],
		['changes', { ...wireBatch, changes: {} }],
		['body', { ...wireBatch, changes: [] }],
		['link.source', { ...wireBatch, link: { ...LINK, source: '' } }],
		['link.turn', { ...wireBatch, link: { ...LINK, turn: 'A' } }],
		['link.after', { ...wireBatch, link: { ...LINK, after: null } }],
		['link.after.0', { ...wireBatch, link: { ...LINK, after: [1] } }],
		['link.after', { ...wireBatch, link: { ...LINK, after: Array(65).fill(null) } }],
		['link.more', { ...wireBatch, link: { ...LINK, more: 1 } }],
		['changes', { ...wireBatch, changes: Array(BATCH_LIMITS.changes + 1).fill(wireChange) }],
		['changes.0', { ...wireBatch, changes: [null] }],
		['changes.0', { ...wireBatch, changes: ['x'] }],
		['changes.1.item', { ...wireBatch, changes: [wireChange, { ...wireChange, item: 5 }] }],
		['changes.0.collection', withChange({ collection: undefined })],
		['changes.0.collection', withChange({ collection: '' })],
		['changes.0.collection', withChange({ collection: 'c'.repeat(BATCH_LIMITS.collection + 1) })],
		['changes.0.item', withChange({ item: undefined })],
		['changes.0.item', withChange({ item: '' })],
		['changes.0.item', withChange({ item: 'i'.repeat(BATCH_LIMITS.item + 1) })],
		['changes.0.item', withChange({ item: null })],
		['changes.0.item', withChange({ item: 'a\u0000b' })],
		['changes.0.life', withChange({ life: undefined })],
		['changes.0.life', withChange({ life: 0 })],
		['changes.0.life', withChange({ life: -1 })],
		['changes.0.life', withChange({ life: 1.5 })],
		['changes.0.life', withChange({ life: '1' })],
		['changes.0.life', withChange({ life: 2 ** 31 })],
		['changes.0.born', withChange({ born: 'yesterday' })],
		['changes.0.born', withChange({ born: 5 })],
		['changes.0.at', withChange({ at: 'now' })],
		['changes.0.at', withChange({ at: null })],
		['changes.0', withChange({ at: undefined })],
		['changes.0', withChange({ at: undefined, fields: { title: 1, body: 2 }, stamps: { title: EARLY } })],
		['changes.0.fields', withChange({ fields: null })],
		['changes.0.fields', withChange({ fields: ['title'] })],
		['changes.0.fields', withChange({ fields: 'title' })],
		['changes.0.fields', withChange({ fields: manyFields(BATCH_LIMITS.fields + 1) })],
		['changes.0.fields.', withChange({ fields: { '': 1 } })],
		[`changes.0.fields.${'f'.repeat(65)}`, withChange({ fields: { ['f'.repeat(65)]: 1 } })],
		['changes.0.fields.title', withChange({ fields: { title: undefined } })],
		['changes.0.stamps', withChange({ stamps: [] })],
		['changes.0.stamps.title', withChange({ stamps: { title: 'x' } })],
		['changes.0.stamps.title', withChange({ stamps: { title: EARLY.toUpperCase() } })],
		['changes.0.over', withChange({ over: 'x' })],
		['changes.0.over', withChange({ over: 1 })],
		['changes.0.overs', withChange({ overs: [] })],
		['changes.0.overs.title', withChange({ overs: { title: EARLY.toUpperCase() } })],
		['changes.0.overs.title', withChange({ overs: { title: {} } })],
		['changes.0.mode', withChange({ mode: 'delete' })],
		['changes.0.mode', withChange({ mode: null })],
		['changes.0.values', withChange({ values: {} })],
	])('that is malformed is refused at %s', (at, body) => {
		expect(refusedAt(body)).toBe(at);
	});

	it('gives no field the power over prototypes', () => {
		const body: unknown = JSON.parse(
			JSON.stringify(wireBatch).replace('"title"', '"__proto__":{"polluted":1},"title"'),
		);
		const parsed = v.safeParse(batchSchema, body);
		if (parsed.success) {
			const [decoded] = decodeBatch(parsed.output).changes;
			expect(Object.keys(decoded?.fields ?? {})).toEqual(['title']);
		}
		expect(({} as { polluted?: number }).polluted).toBe(undefined);
	});
});

describe('answer', () => {
	it('may hold every outcome and code there is', () => {
		const results = OUTCOMES.flatMap((outcome) =>
			RESULT_CODES.map((code) => ({ outcome, code, message: 'm', superseded: 1 })),
		);
		expect(v.safeParse(answerSchema, { data: { results } }).success).toBe(true);
	});

	it.each([
		[null],
		[{}],
		[{ data: {} }],
		[{ data: { results: [{}] } }],
		[{ data: { results: [{ outcome: 'great' }] } }],
		[{ data: { results: [{ outcome: 'failed', code: 'because' }] } }],
		[{ data: { results: [{ outcome: 'superseded', superseded: -1 }] } }],
	])('is refused when it is %j', (answer) => {
		expect(v.safeParse(answerSchema, answer).success).toBe(false);
	});
});

describe('item id', () => {
	it('keeps apart what collection and key could blur', () => {
		expect(itemId('a', 'b/c')).not.toBe(itemId('a/b', 'c'));
		expect(itemId('ab', 'c')).not.toBe(itemId('a', 'bc'));
	});

	it('has its messages cut at either end rather than refused, where what they quote is long', () => {
		const message = `It says: ${'m'.repeat(3000)} Change the item.`;
		const cut = expect.stringMatching(/^It says: m+ … m+ Change the item\.$/);
		const answer = { data: { results: [{ outcome: 'failed' as const, message }] } };
		expect(encodeAnswer(answer.data.results)).toEqual({ data: { results: [{ outcome: 'failed', message: cut }] } });
		expect(v.parse(answerSchema, answer)).toEqual({ data: { results: [{ outcome: 'failed', message: cut }] } });
		expect(v.parse(answerSchema, answer).data.results[0]?.message).toHaveLength(2000);
	});
});

function manyFields(count: number): Record<string, number> {
	return Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, index]));
}
