import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Digest, digestText } from '../../src/replication/digest.ts';
import {
	decodeBuried,
	decodeEnded,
	decodeStamps,
	encodeStamps,
	NO_STAMPS,
	type Stamps,
} from '../../src/replication/stamps.ts';
import type { Timestamp } from '../../src/replication/timestamp.ts';
import { closeTimestamp, timestamp } from './arbitraries.ts';

const EARLY = '000000000001-0000-000000000001aaaa' as Timestamp;
const LATE = '000000000002-0000-000000000001aaaa' as Timestamp;
const DIGEST = '0123456789abcdef' as Digest;

const stamps: fc.Arbitrary<Stamps> = fc.dictionary(
	fc
		.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom('t', 'f', 'constructor', 'toString'))
		.filter((field) => field !== '__proto__'),
	fc.record(
		{
			at: fc.oneof(closeTimestamp, timestamp),
			digest: fc.string().map(digestText),
			over: fc.option(closeTimestamp, { nil: null }),
			sent: fc.record({ value: fc.jsonValue() as fc.Arbitrary<null>, email: fc.string() }, { requiredKeys: ['value'] }),
		},
		{ requiredKeys: ['at', 'digest'] },
	),
);

describe('stamps', () => {
	it('survive the round trip through their text', () => {
		fc.assert(
			fc.property(stamps, (before) => {
				const asJson: unknown = JSON.parse(JSON.stringify(before));
				expect(decodeStamps(encodeStamps(before))).toEqual(asJson);
			}),
		);
	});

	it('write a common stamp once', () => {
		const text = encodeStamps({ title: { at: EARLY, digest: DIGEST }, body: { at: EARLY, digest: DIGEST } });
		expect(text).toBe(`{"t":"${EARLY}","f":{"title":"${DIGEST}","body":"${DIGEST}"}}`);
	});

	it('write the exceptions beside the commonest stamp', () => {
		const text = encodeStamps({
			title: { at: LATE, digest: DIGEST },
			body: { at: EARLY, digest: DIGEST },
			author: { at: EARLY, digest: DIGEST },
		});
		expect(text).toBe(`{"t":"${EARLY}","f":{"title":["${LATE}","${DIGEST}"],"body":"${DIGEST}","author":"${DIGEST}"}}`);
	});

	it('write apart what could not be kept as it came', () => {
		const text = encodeStamps({
			title: { at: LATE, digest: DIGEST },
			author: { at: LATE, digest: DIGEST, sent: { value: 'ada', email: 'ada@example.com' } },
		});
		expect(text).toBe(
			`{"t":"${LATE}","f":{"title":"${DIGEST}","author":"${DIGEST}"},"s":{"author":{"value":"ada","email":"ada@example.com"}}}`,
		);
	});

	it('write what the writers had seen beside the stamps', () => {
		const text = encodeStamps({
			title: { at: LATE, digest: DIGEST, over: EARLY },
			body: { at: LATE, digest: DIGEST, over: EARLY },
			author: { at: LATE, digest: DIGEST, over: null },
			rating: { at: LATE, digest: DIGEST },
		});
		expect(text).toBe(
			`{"t":"${LATE}","o":"${EARLY}","f":{"title":"${DIGEST}","body":"${DIGEST}",` +
				`"author":["${LATE}","${DIGEST}",null],"rating":["${LATE}","${DIGEST}"]}}`,
		);
	});

	it('of a deleted item are its deletion', () => {
		const ended = { at: LATE, over: null };
		expect(encodeStamps(NO_STAMPS, ended)).toBe(`{"f":{},"e":["${LATE}",null]}`);
		expect(decodeEnded(encodeStamps(NO_STAMPS, ended))).toEqual(ended);
		expect(decodeEnded(encodeStamps(NO_STAMPS))).toBe(null);
	});

	it('name the deleted items that had the key beside them', () => {
		const buried = [null, EARLY];
		const ended = { at: LATE, over: null };
		const dead = encodeStamps(NO_STAMPS, ended, buried);
		expect(dead).toBe(`{"f":{},"e":["${LATE}",null],"b":[null,"${EARLY}"]}`);
		expect([decodeBuried(dead), decodeEnded(dead)]).toEqual([buried, ended]);
		const alive = encodeStamps({ b: { at: LATE, digest: DIGEST } }, null, buried);
		expect(alive).toBe(`{"t":"${LATE}","f":{"b":"${DIGEST}"},"b":[null,"${EARLY}"]}`);
		expect(decodeBuried(alive)).toEqual(buried);
		expect(decodeBuried(encodeStamps({ b: { at: LATE, digest: DIGEST }, a: { at: EARLY, digest: DIGEST } }))).toBe(
			undefined,
		);
	});

	it('cost at most 30 bytes and the name for a field written together with the others', () => {
		const fields = Array.from({ length: 50 }, (_, index) => [`field_${index}`, { at: EARLY, digest: DIGEST }]);
		const text = encodeStamps(Object.fromEntries(fields));
		expect(text.length / 50).toBeLessThan('field_00'.length + 30);
	});

	it('keep a single buried item, a single value as it was sent, and no key for what is not there', () => {
		expect(decodeBuried(encodeStamps({ b: { at: LATE, digest: DIGEST } }, null, [EARLY]))).toEqual([EARLY]);
		const sent = { b: { at: LATE, digest: DIGEST, sent: { value: 1 } } };
		expect(decodeStamps(encodeStamps(sent))).toStrictEqual(sent);
		const bare = { b: { at: LATE, digest: DIGEST } };
		expect(decodeStamps(encodeStamps(bare))).toStrictEqual(bare);
		expect(decodeStamps(`{"f":{"b":"${DIGEST}"}}`)).toEqual({});
	});

	it('write once, of stamps that are equally common, the first', () => {
		const text = encodeStamps({ a: { at: EARLY, digest: DIGEST }, b: { at: LATE, digest: DIGEST } });
		expect(text).toBe(`{"t":"${EARLY}","f":{"a":"${DIGEST}","b":["${LATE}","${DIGEST}"]}}`);
	});

	it('of nothing are nothing', () => {
		expect(encodeStamps(NO_STAMPS)).toBe('{"f":{}}');
		expect(decodeStamps('{"f":{}}')).toEqual({});
		expect(decodeStamps('{}')).toEqual({});
	});
});
