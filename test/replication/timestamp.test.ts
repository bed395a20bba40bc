import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	createTimestamp,
	isNodeId,
	isTimestamp,
	MAX_COUNTER,
	MAX_MILLIS,
	maxTimestamp,
	parseTimestamp,
	type Timestamp,
	type TimestampParts,
	timestampToMillis,
	timestampToNode,
} from '../../src/replication/timestamp.ts';
import { timestampParts } from './arbitraries.ts';

const compareParts = (a: TimestampParts, b: TimestampParts): number =>
	a.millis - b.millis || a.counter - b.counter || compareText(a.writer, b.writer);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

describe('timestamp', () => {
	it('has a frozen text form', () => {
		const parts = { millis: 1_767_225_600_123, counter: 258, writer: '0123456789abcdef' };
		expect(createTimestamp(parts)).toBe('019b76daa87b-0102-0123456789abcdef');
	});

	it('orders as text exactly as its parts order: time, then counter, then writer', () => {
		fc.assert(
			fc.property(timestampParts, timestampParts, (a, b) => {
				expect(Math.sign(compareText(createTimestamp(a), createTimestamp(b)))).toBe(Math.sign(compareParts(a, b)));
			}),
		);
	});

	it('is 34 characters wide whatever it holds', () => {
		fc.assert(fc.property(timestampParts, (parts) => createTimestamp(parts).length === 34));
		expect(createTimestamp({ millis: 0, counter: 0, writer: '0'.repeat(16) })).toHaveLength(34);
		expect(createTimestamp({ millis: MAX_MILLIS, counter: MAX_COUNTER, writer: 'f'.repeat(16) })).toHaveLength(34);
	});

	it('parses back to its parts', () => {
		fc.assert(
			fc.property(timestampParts, (parts) => {
				expect(parseTimestamp(createTimestamp(parts))).toEqual(parts);
			}),
		);
	});

	it('tells its node and its milliseconds', () => {
		const timestamp = createTimestamp({ millis: 5, counter: 0, writer: 'abcdef0123450001' });
		expect(timestampToNode(timestamp)).toBe('abcdef012345');
		expect(timestampToMillis(timestamp)).toBe(5);
	});

	it.each([
		null,
		undefined,
		7,
		'',
		'019b76daa87b-0102-0123456789abcde',
		'019b76daa87b-0102-0123456789abcdef0',
		'019B76DA807B-0102-0123456789ABCDEF',
		'019b76daa87b_0102_0123456789abcdef',
		' 019b76daa87b-0102-0123456789abcdef',
		'019b76daa87b-0102-0123456789abcdef\n',
		'019b76daa87b-0102-0123456789abcdeg',
	])('does not take %j for a timestamp', (value) => {
		expect(isTimestamp(value)).toBe(false);
	});

	it('knows a timestamp and a node id when it sees one', () => {
		expect(isTimestamp('019b76daa87b-0102-0123456789abcdef')).toBe(true);
		expect(isNodeId('0123456789ab')).toBe(true);
		expect(isNodeId('0123456789a')).toBe(false);
		expect(isNodeId('0123456789AB')).toBe(false);
		expect(isNodeId(123_456_789_012)).toBe(false);
	});

	it('takes the later of two, and the one there is', () => {
		const early = createTimestamp({ millis: 1, counter: 0, writer: 'f'.repeat(16) });
		const late = createTimestamp({ millis: 2, counter: 0, writer: '0'.repeat(16) });
		expect(maxTimestamp(early, late)).toBe(late);
		expect(maxTimestamp(late, early)).toBe(late);
		expect(maxTimestamp<Timestamp | null>(null, late)).toBe(late);
		expect(maxTimestamp<Timestamp | null>(early, null)).toBe(early);
		expect(maxTimestamp<Timestamp | null>(null, null)).toBe(null);
	});
});
