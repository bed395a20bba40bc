import { describe, expect, test } from 'vitest';
import { connectionFault, connectionSteps, urlFault } from '../../src/check/connection-steps.ts';
import { type Finding, judge, STEPS, toReport } from '../../src/check/report.ts';
import type { Source } from '../../src/sources/port.ts';
import { RemoteError } from '../../src/wire/remote-error.ts';
import { source } from '../support/memory/node.ts';

const at = (url: string, options: Partial<Source> = {}): Source => source('remote', { url, ...options });
const failing = (url: string, code: string) =>
	connectionFault(at(url), { outcome: 'failed', error: new RemoteError('unreachable', 'No', null, { code }) });

describe('a connection that fails', () => {
	test.each([
		['CERT_HAS_EXPIRED', 'tls', 'bad_certificate'],
		['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'bad_certificate'],
		['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'bad_certificate'],
		['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls', 'bad_certificate'],
		['EPROTO', 'tls', 'no_tls'],
		['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'no_tls'],
		['ENOTFOUND', 'reachable', 'unknown_host'],
		['ECONNREFUSED', 'reachable', 'connection_refused'],
		['UND_ERR_CONNECT_TIMEOUT', 'reachable', 'no_answer'],
		['ECONNRESET', 'reachable', 'no_answer'],
		['', 'reachable', 'no_answer'],
	])('with %s fails the step "%s"', (code, step, expected) => {
		expect(failing('https://remote.example', code)).toMatchObject({ step, finding: { code: expected } });
	});

	test('passes the steps before, and leaves those after untried', () => {
		const remote = at('https://remote.example');
		const steps = connectionSteps(remote, failing(remote.url, 'CERT_HAS_EXPIRED'));
		expect(steps.map(({ status }) => status)).toEqual(['ok', 'ok', 'error', ...Array(4).fill('not_tried')]);
	});
});

describe('without encryption', () => {
	const tls = (url: string) => connectionSteps(at(url), null).find(({ step }) => step === 'tls');

	test.each(['http://remote.example', 'http://10.0.0.1', 'http://127.0.0.1.example.com', 'http://localhost.example'])(
		'%s is a warning',
		(url) => {
			expect(tls(url)).toMatchObject({ status: 'warning', code: 'not_encrypted' });
		},
	);

	test.each(['https://remote.example', 'http://localhost:8055', 'http://127.0.0.1:8055', 'http://[::1]:8055'])(
		'%s is fine',
		(url) => {
			expect(tls(url)).toMatchObject({ status: 'ok' });
		},
	);
});

test('a URL that is none is not tried', () => {
	const faults = { url: 'The URL is not valid: enter it like https://directus.example.com', listing: null };
	const remote = at('nonsense', { configurationFaults: faults });
	const steps = connectionSteps(remote, urlFault(remote));
	expect(steps[0]).toMatchObject({ status: 'error', code: 'bad_url', message: faults.url });
	expect(new Set(steps.slice(1).map(({ status }) => status))).toEqual(new Set(['not_tried']));
});

describe('the report', () => {
	const finding = (status: Finding['status'], code: string): Finding => ({
		status,
		code,
		message: `Not with the-key-of-the-remote.${'x'.repeat(2000)}`,
		hint: 'Not the-key-of-the-remote.',
	});

	test('tells the gravest first, and how many more there are', () => {
		const many = Array.from({ length: 60 }, () => finding('warning', 'small'));
		const step = judge('fields', [...many, finding('error', 'grave')], 'Fine.');
		expect(step).toMatchObject({ status: 'error', code: 'grave', more: 11 });
		expect(step.findings).toHaveLength(50);
		expect(step.findings?.[0]).toMatchObject({ code: 'grave' });
		expect(step.message).toMatch(/And 60 more/);
	});

	test('is bounded, and holds no key, whoever put it there', () => {
		const steps = STEPS.map((step) => judge(step, Array(500).fill(finding('error', 'bad')), ''));
		const text = JSON.stringify(toReport('id', steps, 'the-key-of-the-remote'));
		expect(text).not.toContain('the-key-of-the-remote');
		expect(text.length).toBeLessThan(1_000_000);
	});

	test('is fine with warnings, and not with a step that was not tried', () => {
		const warning = judge('clock', [finding('warning', 'late')], '');
		expect(toReport('id', [warning], null).ok).toBe(true);
		expect(toReport('id', [warning, { ...warning, status: 'not_tried' }], null).ok).toBe(false);
	});
});
