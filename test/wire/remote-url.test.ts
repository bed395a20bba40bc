import { describe, expect, test } from 'vitest';
import { checkEnteredUrl, checkRemoteUrl, exposureOf, isRedirect, joinUrl } from '../../src/wire/remote-url.ts';

describe('an address', () => {
	test.each([
		['https://cms.example.com', 'https://cms.example.com'],
		['https://cms.example.com/', 'https://cms.example.com'],
		[' https://example.com/cms// ', 'https://example.com/cms'],
		['HTTP://Example.com:80', 'http://example.com'],
		['http://[::1]:8055', 'http://[::1]:8055'],
	])('%j is sent to as %s', (input, url) => {
		expect(checkRemoteUrl(input)).toEqual({ ok: true, url });
	});

	test.each([' https://cms.example.com ', 'http://localhost:8055/', 'HTTPS://example.com/cms'])(
		'%j is kept as it was entered, without the spaces around it',
		(input) => {
			expect(checkEnteredUrl(input)).toEqual({ ok: true, url: input.trim() });
		},
	);

	test.each([
		['', /^must be the address/],
		['   ', /^must be the address/],
		[null, /^must be the address/],
		[42, /^must be the address/],
		['example.com', /^must be the address/],
		['localhost:8055', /^must be the address/],
		['ftp://example.com', /^must be the address/],
		['file:///etc/passwd', /^must be the address/],
		['javascript:alert(1)', /^must be the address/],
		['https://me:secret@example.com', /^must not hold a user or password/],
		['https://me@example.com', /^must not hold a user or password/],
		['https://example.com/?access_token=x', /^must end before any/],
		['https://example.com/#top', /^must end before any/],
		[`https://example.com/${'x'.repeat(2000)}`, /^must not be longer/],
	])('%j is neither taken nor sent to', (input, fault) => {
		for (const checked of [checkRemoteUrl(input), checkEnteredUrl(input)]) {
			expect(checked).toEqual({ ok: false, fault: expect.stringMatching(fault) });
			expect(JSON.stringify(checked)).not.toContain('secret');
		}
	});

	test.each([
		['https://example.com/?', 'https://example.com'],
		['https://example.com/#', 'https://example.com'],
		['https://example.com/admin/', 'https://example.com/admin'],
	])('%j is not taken any more, but sent to where it is stored', (input, url) => {
		expect(checkEnteredUrl(input)).toMatchObject({ ok: false });
		expect(checkRemoteUrl(input)).toEqual({ ok: true, url });
	});

	test('and a path are joined by one slash', () => {
		expect(joinUrl('https://example.com', '/files/1?a=b')).toBe('https://example.com/files/1?a=b');
		expect(joinUrl('https://example.com/cms//', '/files/1')).toBe('https://example.com/cms/files/1');
	});

	test.each([
		['https://remote.example', 'encrypted'],
		['https://localhost', 'encrypted'],
		['http://localhost:8055', 'local'],
		['http://127.0.0.1', 'local'],
		['http://127.1', 'local'],
		['http://[::1]:8055', 'local'],
		['http://127.0.0.1.example.com', 'open'],
		['http://localhost.example', 'open'],
		['http://10.0.0.1', 'open'],
	])('%s is %s', (url, exposure) => {
		expect(exposureOf(url)).toBe(exposure);
	});
});

test('every status from 300 to 399 is a redirect', () => {
	expect([200, 299, 300, 301, 308, 399, 400].filter(isRedirect)).toEqual([300, 301, 308, 399]);
});
