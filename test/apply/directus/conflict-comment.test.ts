import { describe, expect, it } from 'vitest';
import { conflictComment, type ToldConflict } from '../../../src/apply/directus/conflict-comment.ts';
import { createTimestamp } from '../../../src/replication/timestamp.ts';

const START = Date.UTC(2026, 0, 2, 3, 4, 5);
const at = (seconds: number) =>
	createTimestamp({ millis: START + seconds * 1000, counter: 0, writer: '000000000001aaaa' });
const told = (field: string, options: Partial<ToldConflict> = {}): ToldConflict => ({
	field,
	winner: at(10),
	loser: at(0),
	isOursKept: false,
	revision: null,
	...options,
});

describe("an item's comment", () => {
	it('says who won, when, and which revision holds the value that was replaced', () => {
		expect(conflictComment('Production', [told('title', { revision: '12' })])).toBe(
			'Data Sync: "title" was edited here and on Production at the same time. The later edit, the one on Production ' +
				'(2026-01-02 03:04:15 UTC), is kept everywhere; the one made here (2026-01-02 03:04:05 UTC) is in the ' +
				'revisions of this item: "title" in revision 12.',
		);
	});

	it('says where the other value is when the edit made here was kept', () => {
		expect(
			conflictComment('Production', [told('title', { isOursKept: true }), told('body', { isOursKept: true })]),
		).toBe(
			'Data Sync: "body" and "title" were edited here and on Production at the same time. The later edit, the one made ' +
				'here (2026-01-02 03:04:15 UTC), is kept everywhere; the one made on Production (2026-01-02 03:04:05 UTC) is in ' +
				'the revisions of this item there.',
		);
	});

	it('names no revision where none is known', () => {
		expect(conflictComment('Production', [told('title')])).toMatch(/in the revisions of this item\.$/);
	});

	it('says of a file that its replaced bytes are not kept', () => {
		const text = conflictComment('Production', [told('$content')]);
		expect(text).toMatch(/the file itself was edited here and on Production/);
		expect(text).toMatch(/bytes of a replaced file are not among the revisions/);
	});

	it('tells of both kinds, and stays short with many fields', () => {
		const many = Array.from({ length: 300 }, (_, index) => told(`field_${index}`, { revision: String(index) }));
		const text = conflictComment('Production', [...many, told('title', { isOursKept: true })]);
		expect(text).toMatch(/and 290 more fields were edited/);
		expect(text).toMatch(/\n\nData Sync: "title" was edited/);
		expect(text.length).toBeLessThan(1500);
	});
});
