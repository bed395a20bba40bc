import { describe, expect, it } from 'vitest';
import { FilterFault, ruleFault } from '../../src/content/filter-fault.ts';

describe('ruleFault', () => {
	it.each([
		{},
		{ _and: [] },
		{ _and: [{}, { title: { _eq: 'x' } }] },
		{ _or: [{ title: { _null: true } }, { _and: [{ rating: { _in: [1, 2] } }] }] },
		{ title: 'x' },
		{ rating: { _gte: 1, _lt: 3 } },
		{ rating: { _between: [1, 3] } },
		{ rating: { _between: '1,3' } },
		{ published_at: { _lt: '$NOW(-1 day)' } },
		{ author: { name: { _starts_with: 'A' } } },
		{ comments: { _none: { text: { _eq: '' } } } },
		{ 'year(published_at)': { _eq: 2026 } },
	])('takes %j', (rule) => expect(ruleFault(rule)).toBeNull());

	it.each([
		[null, 'null is no rule'],
		[[], '[] is no rule'],
		[{ _and: { title: { _eq: 'x' } } }, '"_and" takes a list'],
		[{ _or: [{ _and: 'x' }] }, '"_and" takes a list'],
		[{ _or: ['x'] }, '"x" is no rule'],
		[{ title: {} }, '"title" has no rule'],
		[{ title: null }, '"title" has no rule'],
		[{ title: [] }, '"title" has no rule'],
		[{ author: { name: {} } }, '"name" has no rule'],
		[{ comments: { _some: { text: {} } } }, '"text" has no rule'],
		[{ rating: { _between: [1] } }, '"_between" takes two values'],
		[{ rating: { _nbetween: [1, 2, 3] } }, '"_nbetween" takes two values'],
		[{ rating: { _between: '1' } }, '"_between" takes two values'],
		[{ author: { _eq: '$CURRENT_USER' } }, '"$CURRENT_USER" has no value'],
		[{ role: { _in: ['$CURRENT_ROLES'] } }, '"$CURRENT_ROLES" has no value'],
		[{ author: '$CURRENT_USER.id' }, '"$CURRENT_USER.id" has no value'],
	])('says what is wrong with %j', (rule, fault) => expect(ruleFault(rule)).toContain(fault));
});

describe('a filter fault', () => {
	it('names the entry and says what to do', () => {
		const message =
			'The filter of "articles" can\'t be used: "title" has no rule. Correct it in the schema of the source, or restore what it looks at.';
		expect(new FilterFault('articles', '"title" has no rule').message).toBe(message);
		expect(new FilterFault('articles', '"title" has no rule.').message).toBe(message);
	});
});
