/** Random values of the pure core for property tests. */
import fc from 'fast-check';
import { type Digest, digestText, type Json } from '../../src/replication/digest.ts';
import { isAlive } from '../../src/replication/life.ts';
import {
	createTimestamp,
	MAX_COUNTER,
	MAX_MILLIS,
	type Timestamp,
	type TimestampParts,
} from '../../src/replication/timestamp.ts';

const hexText = (length: number) =>
	fc
		.array(fc.integer({ min: 0, max: 15 }), { minLength: length, maxLength: length })
		.map((digits) => digits.map((digit) => digit.toString(16)).join(''));

/** Full range, with plenty of ties. */
export const timestampParts: fc.Arbitrary<TimestampParts> = fc.record({
	millis: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: MAX_MILLIS })),
	counter: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: MAX_COUNTER })),
	writer: fc.oneof(fc.constantFrom('0000000000000001', '0000000000000002'), hexText(16)),
});

export const timestamp: fc.Arbitrary<Timestamp> = timestampParts.map(createTimestamp);

/** Few enough that replicas often meet the same write, and each other's. */
export const closeTimestamp: fc.Arbitrary<Timestamp> = fc
	.record({
		millis: fc.integer({ min: 1, max: 4 }),
		counter: fc.integer({ min: 0, max: 1 }),
		writer: fc.constantFrom('000000000001aaaa', '000000000002bbbb', '000000000003cccc'),
	})
	.map(createTimestamp);

export type Write = { at: Timestamp; value: Json };

/** A replica's whole state of one item: what its feed row and its database hold together. */
export type Replica = { life: number; born: Timestamp | null; fields: Record<string, Write> };

/** A stamp names one write, so the value follows from the stamp, the field and the life it was written in. */
export const valueWrittenAt = (life: number, field: string, at: Timestamp): string => `${life}/${field}/${at}`;
export const digestOf = (value: Json): Digest => digestText(JSON.stringify(value));

export const replica: fc.Arbitrary<Replica> = fc
	.record({
		life: fc.integer({ min: 1, max: 4 }),
		born: fc.option(closeTimestamp, { nil: null }),
		stamps: fc.dictionary(fc.constantFrom('title', 'body', 'author', 'constructor'), closeTimestamp),
	})
	.map(({ life, born, stamps }) => ({
		life,
		born,
		fields: isAlive(life)
			? Object.fromEntries(
					Object.entries(stamps).map(([field, at]) => [field, { at, value: valueWrittenAt(life, field, at) }]),
				)
			: {},
	}));
