import { describe, expect, it } from 'vitest';
import { decide } from '../../src/apply/decide.ts';
import type { CollectionShape, Values } from '../../src/content/port.ts';
import type { FeedRow } from '../../src/feed/port.ts';
import type { Change } from '../../src/replication/change.ts';
import { digestValue, type Json } from '../../src/replication/digest.ts';
import { createTimestamp, type Timestamp } from '../../src/replication/timestamp.ts';
import { createVirtualClock } from '../simulator/memory/clock.ts';
import { ARTICLES, COMMENTS, nodeId, PAGES } from '../support/memory/node.ts';

const at = (millis: number): Timestamp => createTimestamp({ millis, counter: 0, writer: '000000000002aaaa' });
const NOW = 1000;
const clock = () => createVirtualClock({ node: nodeId(1), wall: () => NOW });

type Stamped = Record<string, [millis: number, value: Json]>;

const change = (fields: Stamped, options: Partial<Change> = {}): Change => ({
	collection: 'articles',
	item: '1',
	life: 1,
	born: null,
	fields: Object.fromEntries(
		Object.entries(fields).map(([field, [millis, value]]) => [field, { at: at(millis), value }]),
	),
	mode: 'upsert',
	...options,
});

const row = (fields: Stamped, options: Partial<FeedRow> = {}): FeedRow => ({
	collection: 'articles',
	item: '1',
	seq: 1,
	touched: null,
	rev: 0,
	life: 1,
	born: null,
	stamps: Object.fromEntries(
		Object.entries(fields).map(([field, [millis, value]]) => [
			field,
			{ at: at(millis), digest: digestValue(ARTICLES.fields.get(field)?.type ?? 'string', value) },
		]),
	),
	path: [],
	...options,
});

function decideOn(
	incoming: Change,
	known: FeedRow | null,
	values: Values | null,
	shape: CollectionShape | null = ARTICLES,
	listed: string[] = ['title'],
) {
	return decide(
		{ clock: clock(), node: nodeId(1), baseline: at(1), listed: () => new Set(listed) },
		{ change: incoming, shape, locked: { item: incoming.item, row: known, values } },
	);
}

describe('decide', () => {
	it('takes what could not be locked for what is not there', () => {
		const decision = decide(
			{ clock: clock(), node: nodeId(1), baseline: at(1), listed: () => new Set(['title']) },
			{ change: change({ title: [1, 'A'] }, { mode: 'update' }), shape: ARTICLES, locked: null },
		);
		expect(decision).toMatchObject({ result: { outcome: 'skipped' }, write: null });
	});

	it('answers with the refusal of what was refused before, and looks at nothing', () => {
		const refused = { outcome: 'failed', code: 'forbidden', message: 'No permission.' } as const;
		const decision = decide(
			{ clock: clock(), node: nodeId(1), baseline: at(1), listed: () => new Set(['title']) },
			{ change: change({ title: [1, 'A'] }), shape: ARTICLES, locked: null, refused },
		);
		expect(decision).toMatchObject({ result: refused, write: null, record: false, merge: null });
	});

	it('keeps who wrote last and when, where another field wins: Directus would set them on our write', () => {
		const setOn = { kind: 'update', to: 'date' } as const;
		const fields = new Map([...ARTICLES.fields, ['edited', { type: 'string', setOn }]]);
		const shape = { ...ARTICLES, fields };
		const known = row({ title: [5, 'A'], edited: [20, 'by us'] });
		const values = { title: 'A', edited: 'by us' };
		const older = decideOn(change({ title: [10, 'B'], edited: [10, 'by them'] }), known, values, shape);
		expect(older.write).toMatchObject({ kind: 'update', values: { title: 'B' }, keep: { edited: 'by us' } });
		const newer = decideOn(change({ title: [30, 'B'], edited: [30, 'by them'] }), known, values, shape);
		expect(newer.write).toMatchObject({ values: { title: 'B', edited: 'by them' }, keep: {} });
	});

	it('creates an item that is not there', () => {
		const { write, result, record } = decideOn(change({ title: [1, 'A'] }), null, null);
		expect(write).toMatchObject({ kind: 'create', values: { title: 'A' } });
		expect(result).toEqual({ outcome: 'applied' });
		expect(record).toBe(true);
	});

	it('writes only the fields whose incoming stamp is later', () => {
		const { write, result } = decideOn(
			change({ title: [5, 'new'], body: [1, 'old'] }),
			row({ title: [2, 'A'], body: [2, 'B'] }),
			{ title: 'A', body: 'B' },
		);
		expect(write).toMatchObject({ kind: 'update', values: { title: 'new' } });
		expect(result).toEqual({ outcome: 'applied', superseded: 1 });
	});

	it('does nothing, and remembers nothing, over a change it has already', () => {
		const decision = decideOn(change({ title: [2, 'A'] }), row({ title: [2, 'A'] }), { title: 'A' });
		expect(decision).toMatchObject({ write: null, record: false, result: { outcome: 'unchanged' } });
	});

	it('answers superseded when all it has is later', () => {
		const decision = decideOn(change({ title: [1, 'old'] }), row({ title: [2, 'A'] }), { title: 'A' });
		expect(decision).toMatchObject({ write: null, record: false, result: { outcome: 'superseded', superseded: 1 } });
	});

	it('deletes what was deleted, and remembers the deletion of what it never had', () => {
		const deletion = change({}, { life: 2 });
		expect(decideOn(deletion, row({ title: [9, 'A'] }), { title: 'A' }).write?.kind).toBe('delete');
		expect(decideOn(deletion, null, null)).toMatchObject({ write: null, record: true });
	});

	it('creates again what was created again, over the deletion', () => {
		const { write } = decideOn(change({ title: [1, 'A'] }, { life: 3 }), row({}, { life: 2 }), null);
		expect(write).toMatchObject({ kind: 'create', values: { title: 'A' } });
	});

	it('never brings back a deleted item because of a late update', () => {
		const decision = decideOn(change({ title: [900, 'late'] }), row({}, { life: 2 }), null);
		expect(decision).toMatchObject({ write: null, record: false, result: { outcome: 'superseded' } });
	});

	describe('with a local edit that is not settled yet', () => {
		it('lets the edit win when it was touched later', () => {
			const decision = decideOn(change({ title: [5, 'theirs'] }), row({ title: [2, 'A'] }, { touched: at(6) }), {
				title: 'ours',
			});
			expect(decision).toMatchObject({ write: null, record: true, result: { outcome: 'superseded' } });
			expect(decision.state?.stamps.title).toMatchObject({ at: at(6), digest: digestValue('string', 'ours') });
		});

		it('lets it lose when it was touched earlier', () => {
			const decision = decideOn(change({ title: [5, 'theirs'] }), row({ title: [2, 'A'] }, { touched: at(4) }), {
				title: 'ours',
			});
			expect(decision.write).toMatchObject({ values: { title: 'theirs' } });
		});

		it('lets it win when it has not even been touched: it is newer than all we know', () => {
			const decision = decideOn(change({ title: [5, 'theirs'] }), row({ title: [2, 'A'] }), { title: 'ours' });
			expect(decision).toMatchObject({ write: null, record: true });
			expect(decision.state?.stamps.title?.at.slice(0, 12)).toBe(at(NOW).slice(0, 12));
		});

		it('stamps it later than what it replaced, even when it was touched before that arrived', () => {
			const { state } = decideOn(change({ title: [7, 'theirs'] }), row({ title: [8, 'A'] }, { touched: at(4) }), {
				title: 'ours',
			});
			expect((state?.stamps.title?.at ?? '') > at(8)).toBe(true);
		});

		it('counts a deletion as an edit', () => {
			const decision = decideOn(change({ title: [900, 'theirs'] }), row({ title: [2, 'A'] }, { touched: at(6) }), null);
			expect(decision).toMatchObject({ write: null, record: true, merge: { life: 2 } });
		});

		it('counts a re-creation as an edit', () => {
			const decision = decideOn(change({}, { life: 2 }), row({}, { life: 2, touched: at(6) }), { title: 'again' });
			expect(decision).toMatchObject({ write: null, record: true, merge: { life: 3 } });
		});

		it('takes part even if the feed has never settled the item', () => {
			const fresh = row({}, { life: 0, seq: null, touched: at(6) });
			const later = decideOn(change({ title: [9, 'theirs'] }), fresh, { title: 'ours' });
			const earlier = decideOn(change({ title: [5, 'theirs'] }), fresh, { title: 'ours' });
			expect(later.write).toMatchObject({ kind: 'update', values: { title: 'theirs' } });
			expect(earlier).toMatchObject({ write: null, record: true });
		});
	});

	it('counts the deletion of an item that the feed has never settled', () => {
		const fresh = row({}, { life: 0, seq: null, touched: at(6) });
		const decision = decideOn(change({ title: [900, 'theirs'] }), fresh, null);
		expect(decision).toMatchObject({ write: null, record: true, merge: { life: 2 } });
	});

	it('counts an edit of a field that it is not told of', () => {
		const decision = decideOn(
			change({ title: [5, 'theirs'] }),
			row({ title: [2, 'A'], body: [2, 'a'] }, { touched: at(6) }),
			{ title: 'A', body: 'ours' },
			ARTICLES,
			['title', 'body'],
		);
		expect(decision).toMatchObject({ write: { values: { title: 'theirs' } }, record: true, unsettled: true });
		expect(decision.state?.stamps.body?.at).toBe(at(6));
	});

	it('lets values from before the install give way', () => {
		const { write } = decideOn(change({ title: [1, 'theirs'] }), null, { title: 'ours', body: 'ours' });
		expect(write).toMatchObject({ kind: 'update', values: { title: 'theirs' } });
	});

	it('applies the fields it knows, and names those it does not', () => {
		const { write, result } = decideOn(change({ title: [1, 'A'], mood: [1, 'x'], tone: [1, 'y'] }), null, null);
		expect(write).toMatchObject({ values: { title: 'A' } });
		expect(result).toMatchObject({ outcome: 'applied', code: 'unknown_field' });
		expect(result.message).toContain('"mood", "tone"');
	});

	it('names the first of many fields that it does not know', () => {
		const fields = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}`, [1, 'x'] as const]));
		const { result } = decideOn(change(fields as never), null, null);
		expect(result.message).toMatch(/"f8", "f9", and 50 more on the remote/);
	});

	it.each([
		[1, 2 ** 20 + 1, 'applied'],
		[1, 2 ** 20 + 3, 'failed'],
		[2 ** 30 - 3, 2 ** 30 - 1, 'applied'],
		[2 ** 30 - 1, 2 ** 30 + 1, 'failed'],
		[null, 2 ** 31 - 1, 'failed'],
	])('of an item whose life is %s believes or disbelieves one of %s: %s', (known, life, outcome) => {
		const here = known === null ? null : row({}, { life: known });
		const { result } = decideOn(change({ title: [9, 'A'] }, { life }), here, known === null ? null : { title: 'ours' });
		expect(result.outcome).toBe(outcome);
	});

	it.each<[string, Json]>([
		['an object', { title: 'Nested' }],
		['a list', [1]],
	])('refuses a reference that is %s: Directus would write another item', (_title, value) => {
		const comment = change({ article: [1, value] }, { collection: 'comments' });
		const { result, write } = decideOn(comment, null, null, COMMENTS);
		expect(write).toBe(null);
		expect(result).toMatchObject({ outcome: 'failed', code: 'invalid_value' });
		expect(result.message).toContain('"article"');
	});

	it('refuses a collection it does not know, by name', () => {
		const { result, write } = decideOn(change({}, { collection: 'recipes' }), null, null, null);
		expect(write).toBe(null);
		expect(result).toMatchObject({ outcome: 'failed', code: 'unknown_collection' });
		expect(result.message).toContain('"recipes"');
	});

	it.each(['directus_users', 'directus_settings', 'data_sync_remote_sources'])('refuses %s, shape or not', (name) => {
		const { result, write } = decideOn(change({}, { collection: name }), null, null, ARTICLES);
		expect(write).toBe(null);
		expect(result).toMatchObject({ outcome: 'failed', code: 'system_collection' });
	});

	it('reports two items under one counted key, and overwrites neither', () => {
		const incoming = change({ title: [9, 'theirs'] }, { collection: 'pages', born: at(1) });
		const ours = row({ title: [2, 'ours'] }, { collection: 'pages', born: at(2) });
		const decision = decideOn(incoming, ours, { title: 'ours' }, PAGES);
		expect(decision).toMatchObject({ write: null, record: false, result: { outcome: 'failed', code: 'key_conflict' } });
		expect(decision.result.message).toContain('key 1 in "pages"');
		expect(decideOn({ ...incoming, life: 2, fields: {} }, ours, { title: 'ours' }, PAGES).write).toBe(null);
	});

	it('reports a fresh item under a counted key that an item from before the install has', () => {
		const incoming = change({ title: [9, 'theirs'] }, { collection: 'pages', born: at(1) });
		expect(decideOn(incoming, null, { title: 'ours' }, PAGES).result.code).toBe('key_conflict');
		expect(decideOn({ ...incoming, born: null }, null, { title: 'ours' }, PAGES).result.outcome).toBe('applied');
	});

	describe('under a counted key', () => {
		const theirs = (fields: Stamped, options: Partial<Change> = {}) =>
			change(fields, { collection: 'pages', born: at(1), ...options });
		const ours = (fields: Stamped, options: Partial<FeedRow> = {}) =>
			row(fields, { collection: 'pages', born: at(2), ...options });
		const deletion = theirs({}, { life: 2, buried: [at(1)] });

		it('lets a deletion take nothing away but the item it was made of, and remembers it', () => {
			const decision = decideOn(deletion, ours({ title: [2, 'ours'] }), { title: 'ours' }, PAGES);
			expect(decision).toMatchObject({ write: null, record: true, conflicts: [] });
			expect(decision.merge).toMatchObject({ life: 3, born: at(2), buried: [at(1)], stays: true });
			expect(decision.result).toEqual({ outcome: 'applied' });
			const told = ours({ title: [2, 'ours'] }, { life: 3, buried: [at(1)] });
			expect(decideOn(deletion, told, { title: 'ours' }, PAGES)).toMatchObject({
				write: null,
				record: false,
				result: { outcome: 'unchanged' },
			});
		});

		it('remembers one more deletion where the life is great enough already', () => {
			const known = ours({ title: [2, 'ours'] }, { life: 3, buried: [at(3)] });
			const decision = decideOn(deletion, known, { title: 'ours' }, PAGES);
			expect(decision).toMatchObject({ write: null, record: true, merge: { life: 3, buried: [at(1), at(3)] } });
		});

		it('creates the other item where one was deleted', () => {
			const gone = ours({}, { life: 2, buried: [at(2)] });
			const decision = decideOn(theirs({ title: [9, 'theirs'] }), gone, null, PAGES);
			expect(decision).toMatchObject({ record: true, result: { outcome: 'applied' }, conflicts: [] });
			expect(decision.write).toMatchObject({ kind: 'create', values: { title: 'theirs' } });
			expect(decision.merge).toMatchObject({ life: 3, born: at(1), buried: [at(2)], stays: false });
		});

		it('puts it in the place of one that it knows to be deleted', () => {
			const incoming = theirs({ title: [1, 'theirs'] }, { life: 3, buried: [at(2)] });
			const decision = decideOn(incoming, ours({ title: [9, 'ours'] }), { title: 'ours' }, PAGES);
			expect(decision.write).toMatchObject({ kind: 'update', values: { title: 'theirs' } });
			expect(decision.conflicts).toEqual([]);
		});

		it('refuses it in the place of one that nobody has deleted, whatever its life', () => {
			const incoming = theirs({ title: [9, 'theirs'] }, { life: 5, buried: [at(3)] });
			const decision = decideOn(incoming, ours({ title: [2, 'ours'] }), { title: 'ours' }, PAGES);
			expect(decision).toMatchObject({ write: null, record: false, result: { code: 'key_conflict' } });
		});

		it('takes nothing of an item that was deleted, however late it is told', () => {
			const known = ours({ title: [2, 'ours'] }, { life: 3, buried: [at(1)] });
			const decision = decideOn(theirs({ title: [900, 'late'] }), known, { title: 'ours' }, PAGES);
			expect(decision).toMatchObject({ write: null, record: false, result: { outcome: 'superseded' }, conflicts: [] });
		});

		it('keeps an edit that is not settled yet when the item comes back with a greater life', () => {
			const incoming = theirs({ title: [5, 'old'] }, { born: at(2), life: 3, buried: [at(1)] });
			const known = ours({ title: [5, 'old'] }, { touched: at(6) });
			const decision = decideOn(incoming, known, { title: 'edited' }, PAGES);
			expect(decision).toMatchObject({ write: null, record: true, unsettled: true, merge: { life: 3, stays: true } });
			expect(decision.state?.stamps.title).toMatchObject({ at: at(6) });
		});

		it('tells other keys nothing of deleted items', () => {
			const incoming = change({ title: [9, 'theirs'] }, { life: 3, born: at(1), buried: [at(4)] });
			const decision = decideOn(incoming, row({ title: [2, 'ours'] }, { born: at(2) }), { title: 'ours' });
			expect(decision.write).toMatchObject({ kind: 'update', values: { title: 'theirs' } });
			expect(decision.merge?.buried).toBe(undefined);
		});
	});

	describe('in a mode', () => {
		const fields: Stamped = { title: [9, 'theirs'] };
		const here = row({ title: [2, 'A'] });

		it('probe only says whether the item is wanted', () => {
			expect(decideOn(change({}, { mode: 'probe' }), here, {})).toMatchObject({
				result: { outcome: 'wanted' },
				write: null,
				record: false,
			});
			expect(decideOn(change({}, { mode: 'probe' }), null, null).result.outcome).toBe('skipped');
		});

		it('update never creates', () => {
			expect(decideOn(change(fields, { mode: 'update' }), null, null)).toMatchObject({
				result: { outcome: 'skipped' },
				write: null,
				record: false,
			});
			expect(decideOn(change(fields, { mode: 'update' }), here, { title: 'A' }).write?.kind).toBe('update');
		});

		it('create never updates', () => {
			expect(decideOn(change(fields, { mode: 'create' }), here, { title: 'A' })).toMatchObject({
				result: { outcome: 'skipped' },
				write: null,
				record: false,
			});
			expect(decideOn(change(fields, { mode: 'create' }), null, null).write?.kind).toBe('create');
		});
	});
});
