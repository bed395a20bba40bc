import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { createTimestamp, timestampToMillis } from '../../src/replication/timestamp.ts';
import { BATCH_LIMITS } from '../../src/wire/batch.ts';
import { anyInfoSchema, infoSchema, type NodeInfo } from '../../src/wire/info.ts';
import { nodeId } from '../support/memory/node.ts';

const CLOCK = createTimestamp({ millis: 1_700_000_000_000, counter: 0, writer: `${nodeId(1)}aaaa` });
const INFO: NodeInfo = {
	protocol: 1,
	version: '1.2.3',
	directus: '12.4.0',
	node: nodeId(1),
	clock: CLOCK,
	now: 1_700_000_000_123,
	receiver: true,
	limits: { payload: 1024 ** 2, changes: 1000, file: 5_000_000 },
};

const parse = (data: unknown) => v.safeParse(infoSchema, { data });
const accepted = (data: unknown): NodeInfo => v.parse(infoSchema, { data }).data;
const without = (...names: (keyof NodeInfo)[]): object =>
	Object.fromEntries(Object.entries(INFO).filter(([name]) => !names.includes(name as keyof NodeInfo)));

describe('what a node says of itself', () => {
	test('arrives as it was told', () => {
		expect(accepted(JSON.parse(JSON.stringify(INFO)))).toEqual(INFO);
	});

	test('may be less, as from older nodes', () => {
		expect(accepted({ ...without('version', 'directus', 'now'), limits: { payload: 1024 } })).toEqual({
			...INFO,
			version: null,
			directus: null,
			now: timestampToMillis(CLOCK),
			limits: { payload: 1024, changes: BATCH_LIMITS.changes, file: null },
		});
	});

	test('may be more, as from newer nodes', () => {
		expect(accepted({ ...INFO, more: 1, limits: { ...INFO.limits, more: 1 } })).toEqual(INFO);
	});

	test.each([[null], [5], ['x'.repeat(65)], [{}]])('may have a version such as %j, which counts as untold', (odd) => {
		expect(accepted({ ...INFO, version: odd, directus: odd })).toEqual({ ...INFO, version: null, directus: null });
	});

	test.each<[string, object]>([
		['no node', without('node')],
		['a node that is none', { ...INFO, node: 'x' }],
		['no clock', without('clock')],
		['a clock that is none', { ...INFO, clock: 5 }],
		['a wall clock that is none', { ...INFO, now: 'soon' }],
		['no word on whose key it is', without('receiver')],
		['no limits', without('limits')],
		['no room', { ...INFO, limits: { payload: 0 } }],
		['no change in a batch', { ...INFO, limits: { payload: 1024, changes: 0 } }],
		['another protocol', { ...INFO, protocol: 2 }],
	])('is refused with %s', (_title, data) => {
		expect(parse(data).success).toBe(false);
	});

	test('in another protocol is enough to name it', () => {
		const parsed = (data: object) => v.parse(anyInfoSchema, { data }).data;
		expect(parsed({ protocol: 2, node: 'new' })).toEqual({ protocol: 2, version: null });
		expect(parsed({ protocol: 2, version: '9.0.0' })).toEqual({ protocol: 2, version: '9.0.0' });
		expect(v.safeParse(anyInfoSchema, { data: { version: '9.0.0' } }).success).toBe(false);
	});
});
