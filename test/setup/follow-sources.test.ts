import { describe, expect, it } from 'vitest';
import { followedOptions, listedCollections } from '../../src/setup/follow-sources.ts';
import { WEBSITE } from '../support/memory/model.ts';

const entry = (collection: string) => ({ collection, fields: ['title'] });

describe('the collections of the Flows', () => {
	it('are those of all listings, each once, in a fixed order', () => {
		expect(listedCollections([[entry('b'), entry('a')], [entry('a')], JSON.stringify([entry('c')])], WEBSITE)).toEqual([
			'a',
			'b',
			'c',
		]);
	});

	it('are none for sources that list nothing or nothing readable', () => {
		expect(
			listedCollections([null, undefined, [], 'not JSON', [{ collection: 'directus_users', fields: ['id'] }]], WEBSITE),
		).toEqual([]);
	});

	it('are also those that a listed field stands for, and those that a filter looks at', () => {
		const filter = { author: { name: { _nnull: true } } };
		const articles = { collection: 'articles', fields: ['title', 'tags'], filter };
		expect(listedCollections([[articles]], WEBSITE)).toEqual(['articles', 'articles_tags', 'authors']);
	});

	it('change nothing else in the options', () => {
		const options = { type: 'action', scope: ['items.create'], collections: ['a'], color: 'mine' };
		expect(followedOptions(options, ['a', 'b'])).toEqual({ ...options, collections: ['a', 'b'] });
		expect(followedOptions(null, ['a'])).toEqual({ collections: ['a'] });
	});

	it('are left as they are when they say the same, in any order or as text', () => {
		expect(followedOptions({ collections: ['b', 'a'] }, ['a', 'b'])).toBeNull();
		expect(followedOptions({ collections: 'a,b' }, ['a', 'b'])).toBeNull();
		expect(followedOptions({ collections: [] }, [])).toBeNull();
		expect(followedOptions({}, [])).toBeNull();
	});

	it('are emptied when the last source is gone', () => {
		expect(followedOptions({ collections: ['a'] }, [])).toEqual({ collections: [] });
	});
});
