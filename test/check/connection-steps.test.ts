import { describe, expect, test } from 'vitest';
import type { FindingCode } from '../../src/check/codes.ts';
import { connectionFault, connectionStep, urlStep } from '../../src/check/connection-steps.ts';
import { type Finding, finding, judge, toReport } from '../../src/check/report.ts';
import { STEPS } from '../../src/check/steps.ts';
import type { Source } from '../../src/sources/port.ts';
import { RemoteError } from '../../src/wire/remote-error.ts';
import { source } from '../support/memory/node.ts';
import { MET } from './facts.ts';

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
});

describe('without encryption', () => {
	const tls = (url: string) => connectionStep('tls', at(url), MET);

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

test('a URL that is none is an error', () => {
	const faults = { url: 'The URL is not valid: enter it like https://directus.example.com', listing: null };
	const remote = at('nonsense', { configurationFaults: faults });
	expect(urlStep(remote)).toMatchObject({ status: 'error', code: 'bad_url', message: faults.url });
});

describe('the report', () => {
	const found = <Code extends FindingCode>(status: Finding['status'], code: Code): Finding<Code> =>
		finding(status, code, `Not with the-key-of-the-remote.${'x'.repeat(2000)}`, 'Not the-key-of-the-remote.');

	test('tells the gravest first, and how many more there are', () => {
		const many = Array.from({ length: 60 }, () => found('warning', 'type_narrower'));
		const step = judge('fields', [...many, found('error', 'type_differs')], 'Fine.');
		expect(step).toMatchObject({ status: 'error', code: 'type_differs', more: 11 });
		expect(step.findings).toHaveLength(50);
		expect(step.findings?.[0]).toMatchObject({ code: 'type_differs' });
		expect(step.message).toMatch(/And 60 more/);
	});

	test('is bounded, and holds no key, whoever put it there', () => {
		const steps = STEPS.map(({ name }) => judge(name, Array(500).fill(found('error', 'bad_url'))));
		const text = JSON.stringify(toReport('id', steps, 'the-key-of-the-remote'));
		expect(text).not.toContain('the-key-of-the-remote');
		expect(text.length).toBeLessThan(1_000_000);
	});

	test('is fine with warnings, and not with a step that was not tried', () => {
		const warning = judge('clock', [found('warning', 'clock_offset')]);
		expect(toReport('id', [warning], null).ok).toBe(true);
		expect(toReport('id', [warning, { ...warning, status: 'not_tried' }], null).ok).toBe(false);
	});
});
