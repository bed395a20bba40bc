import { describe, expect, test } from 'vitest';
import { clean, toRemoteError } from '../../../src/wire/directus/to-remote-error.ts';

const source = { url: 'https://remote.example', apiKey: 'secret-key-of-the-remote' };
const answer = (status: number, errors: unknown) => ({ response: { status }, errors });

describe('what a remote said', () => {
	test.each([
		['text in place of a list', 'no'],
		['a message that is no text', [{ message: { a: 1 } }]],
		['a code that is no text', [{ message: 'x', extensions: { code: { toString: null } } }]],
		['no extensions', [{ message: 'x', extensions: null }]],
		['nothing in the list', [null]],
	])('is an error of the remote even if it is %s', (_title, errors) => {
		expect(toRemoteError(answer(500, errors), source)).toMatchObject({ name: 'RemoteError', kind: 'internal' });
	});

	test('never holds our key, nor a part of it where it is cut short', () => {
		for (const length of [0, 480, 490, 499, 500, 510]) {
			const text = clean(`${'x'.repeat(length)}${source.apiKey} and more`, source);
			expect(text).not.toContain('secret');
			expect(text.length).toBeLessThanOrEqual(500);
		}
	});

	test('keeps its status and its code', () => {
		const { detail } = toRemoteError(answer(403, [{ message: 'No', extensions: { code: 'FORBIDDEN' } }]), source);
		expect(detail).toEqual({ status: 403, code: 'FORBIDDEN' });
	});

	test('is told apart from a connection that failed', () => {
		const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
		const error = toRemoteError(new TypeError('fetch failed', { cause }), source);
		expect(error).toMatchObject({ kind: 'unreachable', detail: { code: 'ECONNREFUSED' } });
	});
});
