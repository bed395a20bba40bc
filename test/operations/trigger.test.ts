import { describe, expect, it } from 'vitest';
import { readTrigger } from '../../src/operations/sync-to-remotes/trigger.ts';

describe('readTrigger', () => {
	it.each<[string, object, string[]]>([
		['items.create', { key: 7, payload: {} }, ['7']],
		['items.update', { keys: ['a', 'b'], payload: {} }, ['a', 'b']],
		['items.delete', { keys: [1, 2], payload: [1, 2] }, ['1', '2']],
		['articles.items.update', { keys: ['a'] }, ['a']],
		['files.upload', { key: 'a' }, ['a']],
		['items.sort', { item: 3, to: 5 }, ['3']],
		['items.promote', { item: 'a', version: 'v', payload: {} }, ['a']],
		['something.else', {}, []],
	])('reads the items of %s', (event, meta, items) => {
		expect(readTrigger({ event, collection: 'articles', ...meta })).toEqual({
			kind: 'event',
			collection: 'articles',
			items,
		});
	});

	it('reads a manual run and a call with keys, and takes none for the whole collection', () => {
		const manual = { kind: 'manual', collection: 'articles' };
		expect(readTrigger({ body: { collection: 'articles', keys: ['a'] } })).toEqual({ ...manual, items: ['a'] });
		expect(readTrigger({ body: { collection: 'articles' } })).toEqual({ ...manual, items: [] });
		expect(readTrigger({ collection: 'articles', key: 1 })).toEqual({ ...manual, items: ['1'] });
		expect(readTrigger({ collection: 'articles' })).toEqual({ ...manual, items: [] });
	});

	it.each([[null], [undefined], ['text'], [{}], [{ body: {} }], [{ event: 'x' }]])(
		'finds no items in %j',
		(trigger) => {
			expect(readTrigger(trigger)).toEqual({ kind: 'none' });
		},
	);
});
