import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyText } from '../../src/content/key-text.ts';
import { SINGLETON } from '../../src/content/singleton.ts';
import { shape } from '../support/memory/node.ts';

const of = (keyType: string, keyIsCaseless = false) => shape('pages', {}, { keyType, keyIsCaseless });
const UPPER = 'ABCDEF00-0000-4000-8000-00000000ABCD';

describe('the text of a key', () => {
	it.each(['7', '007', '+7', ' 7 ', '7.0', '7e0'])('is one for every way to write a number: %j', (text) => {
		expect(keyText(of('integer'), text)).toBe('7');
	});

	it('keeps every digit of a large number', () => {
		fc.assert(
			fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (key) => {
				expect(keyText(of('bigInteger'), String(key))).toBe(String(key));
			}),
		);
	});

	it('leaves alone what is no number', () => {
		for (const text of ['', ' ', 'seven', '1,5', '7a', '1e400']) expect(keyText(of('integer'), text)).toBe(text);
	});

	it('has no capital letters where the database drops those of a UUID, and only there', () => {
		expect(keyText(of('uuid', true), UPPER)).toBe(UPPER.toLowerCase());
		expect(keyText(of('uuid'), UPPER)).toBe(UPPER);
	});

	it('is one name for a singleton, whatever key its row has', () => {
		const settings = shape('settings', {}, { isSingleton: true });
		for (const key of ['1', UPPER, SINGLETON]) expect(keyText(settings, key)).toBe(SINGLETON);
	});

	it('is the key itself where people choose it', () => {
		fc.assert(
			fc.property(fc.string(), (key) => {
				expect(keyText(of('string', true), key)).toBe(key);
			}),
		);
	});
});
