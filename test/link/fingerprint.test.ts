import { describe, expect, it } from 'vitest';
import { finished, isChanged, isFinished, NO_FINGERPRINT, TELL_ALL, unfinished } from '../../src/link/fingerprint.ts';
import { fingerprintToText, textToFingerprint } from '../../src/link/fingerprint-text.ts';
import { source } from '../support/memory/node.ts';

const NOW = source('remote');
const BEFORE = source('remote', { schema: [{ collection: 'articles', fields: ['title'] }] });

describe('a fingerprint', () => {
	it('says under which configuration everything was told, or is being told', () => {
		const found = [finished(NOW), unfinished(NOW), finished(BEFORE), unfinished(BEFORE, 7), TELL_ALL, NO_FINGERPRINT];
		expect(found.map((each) => isFinished(each, NOW))).toEqual([true, false, false, false, false, false]);
		expect(found.map((each) => isChanged(each, NOW))).toEqual([false, false, true, true, true, true]);
	});

	it('belongs to an address', () => {
		expect(isChanged(finished(NOW), { ...NOW, url: 'https://moved.example' })).toBe(true);
		expect(isChanged(finished(NOW), { ...NOW, name: 'Renamed', apiKey: 'another' })).toBe(false);
	});

	it.each([
		['nothing', NO_FINGERPRINT, null],
		['that all is to be told', TELL_ALL, 'tell all'],
		['a beginning', unfinished(NOW), /^[0-9a-f]{16} unfinished$/],
		['what is owed', unfinished(NOW, 2 ** 40), /^[0-9a-f]{16} unfinished 1099511627776$/],
		['an end', finished(NOW), /^[0-9a-f]{16}$/],
	])('is stored as text: %s', (_what, fingerprint, text) => {
		const stored = fingerprintToText(fingerprint);
		if (text instanceof RegExp) expect(stored).toMatch(text);
		else expect(stored).toBe(text);
		expect(stored?.length ?? 0).toBeLessThanOrEqual(64);
		expect(textToFingerprint(stored)).toEqual(fingerprint);
	});

	it.each([
		'',
		'another',
		'0123456789ABCDEF',
		'0123456789abcdef ',
		'0123456789abcdef unfinished ',
		'0123456789abcdef unfinished -1',
		'0123456789abcdef done',
		'0123456789abcdef unfinished 1\n',
	])('that nobody can read has everything told again: %j', (text) => {
		expect(textToFingerprint(text)).toEqual(TELL_ALL);
	});
});
