import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, LONGEST_MESSAGE } from '../../src/wire/message.ts';

describe('clip', () => {
	it('leaves what is short as it is', () => {
		expect(clip('Give it that permission there.')).toBe('Give it that permission there.');
	});

	it('keeps who is meant and what to do, and cuts what lies between', () => {
		const clipped = clip(`pages 1 is refused: ${'x'.repeat(5000)} is too long. Change the item, then resync.`);
		expect(clipped).toHaveLength(LONGEST_MESSAGE);
		expect(clipped).toMatch(/^pages 1 is refused: x+ … x+ is too long\. Change the item, then resync\.$/);
	});

	it('never exceeds its limit, and has no character that a database can not store', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 3, max: 200 }), (text, longest) => {
				expect(clip(text, longest).length).toBeLessThanOrEqual(longest);
				expect(clip(text, longest)).not.toContain('\u0000');
			}),
		);
	});
});
