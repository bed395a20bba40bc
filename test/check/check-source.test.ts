import { describe, expect, test } from 'vitest';
import { checkSource } from '../../src/check/check-source.ts';
import { CHECK_CODES } from '../../src/check/codes.ts';
import type { CheckDeps, Meeting, RemotePort } from '../../src/check/port.ts';
import type { CheckReport, CheckStep } from '../../src/check/report.ts';
import { STEPS } from '../../src/check/steps.ts';
import type { Source } from '../../src/sources/port.ts';
import { RemoteError } from '../../src/wire/remote-error.ts';
import { createTestNode, nodeId, source } from '../support/memory/node.ts';
import { access, byName, field, MET, shape } from './facts.ts';

const SCHEMA = [{ collection: 'articles', fields: ['title'] }];
const SHAPES = byName(shape([field('title')]));

/** An instance and a remote that fit each other, apart from what a test says; keeps what the remote was asked for. */
function setUp(remote: Partial<RemotePort> = {}) {
	const asked: string[] = [];
	const counting =
		<A extends unknown[], R>(name: string, answer: (...args: A) => Promise<R>) =>
		(...args: A) => {
			asked.push(name);
			return answer(...args);
		};
	const ports: CheckDeps = {
		items: createTestNode().ports.items,
		own: {
			node: nodeId(1),
			version: '1.0.0',
			directus: async () => '12.0.0',
			shapes: async () => SHAPES,
			flows: async () => ({ push: 'active', resync: 'active' }),
		},
		remote: {
			meet: counting('meet', remote.meet ?? (async () => MET)),
			shapes: counting('shapes', remote.shapes ?? (async () => SHAPES)),
			permissions: counting('permissions', remote.permissions ?? (async () => access())),
		},
	};
	const check = (options: Partial<Source> & { schema?: unknown } = {}) =>
		checkSource(ports, source('remote', { schema: SCHEMA, ...options }));
	return { check, asked };
}

const meeting = (changes: object): Partial<RemotePort> => ({
	meet: async () => ({ ...MET, info: { ...MET.info, ...changes } }),
});
const failing = (error: RemoteError): Partial<RemotePort> => ({
	meet: async (): Promise<Meeting> => ({ outcome: 'failed', error }),
});
const stepOf = (report: CheckReport, name: string): CheckStep | undefined =>
	report.steps.find(({ step }) => step === name);
const withStatus = (report: CheckReport, status: CheckStep['status']): string[] =>
	report.steps.filter((step) => step.status === status).map(({ step }) => step);
const namesBehind = (name: string): string[] => {
	const names = STEPS.map((step) => step.name as string);
	return names.slice(names.indexOf(name) + 1);
};

describe('the table of steps', () => {
	test('has those that are documented, in the same order', () => {
		expect(STEPS.map(({ name }) => name)).toEqual(Object.keys(CHECK_CODES));
	});

	test('lets each build on steps before it only', () => {
		for (const [index, { needs }] of STEPS.entries()) {
			const before = STEPS.slice(0, index).map(({ name }) => name);
			expect(before).toEqual(expect.arrayContaining([...needs]));
		}
	});
});

describe('a check', () => {
	test('passes every step where all is well, and asks the remote for each thing once', async () => {
		const { check, asked } = setUp();
		const report = await check();
		expect(withStatus(report, 'ok')).toEqual(STEPS.map(({ name }) => name));
		expect(report.ok).toBe(true);
		expect(asked).toEqual(['meet', 'shapes', 'permissions']);
	});

	test('of a URL that is none asks nobody', async () => {
		const { check, asked } = setUp();
		const report = await check({ url: 'nonsense', configurationFaults: { url: 'The URL is none.', listing: null } });
		expect(withStatus(report, 'error')).toEqual(['url']);
		expect(withStatus(report, 'ok')).toEqual(['listing']);
		expect(withStatus(report, 'not_tried')).toEqual(namesBehind('url').filter((name) => name !== 'listing'));
		expect(asked).toEqual([]);
	});

	test('passes the steps before one that fails, and leaves those after it untried', async () => {
		const error = new RemoteError('unreachable', 'No', null, { code: 'CERT_HAS_EXPIRED' });
		const { check, asked } = setUp(failing(error));
		const report = await check();
		const statuses = report.steps.slice(0, 7).map(({ status }) => status);
		expect(statuses).toEqual(['ok', 'ok', 'error', ...Array(4).fill('not_tried')]);
		for (const name of ['redirects', 'versions', 'plan']) {
			expect(stepOf(report, name)?.message).toBe('Not tried, because the step "tls" has failed.');
		}
		expect(asked).toEqual(['meet']);
	});

	test('asks a remote of another protocol for nothing else', async () => {
		const other: Meeting = { outcome: 'other_protocol', protocol: 2, version: null };
		const { check, asked } = setUp({ meet: async () => other });
		const report = await check();
		expect(stepOf(report, 'versions')).toMatchObject({ status: 'error', code: 'other_protocol' });
		expect(stepOf(report, 'clock')).toMatchObject({ status: 'not_tried' });
		expect(asked).toEqual(['meet']);
	});

	test('asks ourselves for nothing else', async () => {
		const { check, asked } = setUp(meeting({ node: nodeId(1) }));
		const report = await check();
		expect(withStatus(report, 'error')).toEqual(['identity']);
		expect(stepOf(report, 'collections')?.message).toMatch(/"identity" has failed/);
		expect(asked).toEqual(['meet']);
	});

	test('goes on where the clock or the listing is wrong, on which nothing builds', async () => {
		const { check } = setUp(meeting({ now: 0 }));
		const report = await check({ schema: [{ collection: 'articles', fields: ['nothing'] }] });
		expect(withStatus(report, 'error')).toEqual(['clock', 'listing']);
		expect(withStatus(report, 'not_tried')).toEqual([]);
	});

	test('goes on with other collections where one is missing', async () => {
		const { check } = setUp({ shapes: async () => new Map() });
		const report = await check();
		expect(stepOf(report, 'collections')).toMatchObject({ status: 'error', code: 'missing_collection' });
		expect(withStatus(report, 'not_tried')).toEqual([]);
	});

	test('of a remote that stops answering tells what it still can', async () => {
		const silent = () => Promise.reject(new RemoteError('internal', 'The remote failed.'));
		const { check, asked } = setUp({ shapes: silent });
		const report = await check();
		expect(stepOf(report, 'collections')).toMatchObject({
			status: 'error',
			code: 'unanswered',
			message: expect.stringContaining('The remote failed.'),
		});
		expect(withStatus(report, 'not_tried')).toEqual(['fields', 'permissions', 'keys', 'references']);
		expect(stepOf(report, 'fields')?.message).toMatch(/"collections" has failed/);
		expect(stepOf(report, 'payload')).toMatchObject({ status: 'ok' });
		expect(stepOf(report, 'plan')).toMatchObject({ status: 'ok' });
		expect(asked).toEqual(['meet', 'shapes']);
	});

	test('of a remote that tells no permissions fails that step alone', async () => {
		const { check } = setUp({ permissions: () => Promise.reject(new RemoteError('internal', 'No.')) });
		const report = await check();
		expect(stepOf(report, 'permissions')).toMatchObject({ status: 'error', code: 'unanswered' });
		expect(withStatus(report, 'error')).toEqual(['permissions']);
		expect(withStatus(report, 'not_tried')).toEqual([]);
	});

	test('fails with a fault of ours, which is no answer', async () => {
		const { check } = setUp({ shapes: () => Promise.reject(new TypeError('a fault')) });
		await expect(check()).rejects.toThrow('a fault');
	});
});
