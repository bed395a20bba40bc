import { describe, expect, it } from 'vitest';
import { textToMarkdown } from '../../src/wire/markdown.ts';

describe('the words of others in Markdown', () => {
	it.each([
		['a link', 'see [here](https://evil.example)', 'see \\[here\\](https\\://evil.example)'],
		['an image', '![x](//evil.example/x.png)', '!\\[x\\](//evil.example/x.png)'],
		[
			'what renderers take for a link',
			'https://a.example www.a.example a@b.example',
			'https\\://a.example www\\.a.example a\\@b.example',
		],
		['HTML', '<img src=x> &lt;b&gt;', '\\<img src=x\\> \\&lt;b\\&gt;'],
		['emphasis and code', '**a** __b__ `c` ~~d~~', '\\*\\*a\\*\\* \\_\\_b\\_\\_ \\`c\\` \\~\\~d\\~\\~'],
		['an escape', '\\[', '\\\\\\['],
		['a table', 'a | b', 'a \\| b'],
		['a heading', '# a', '\\# a'],
		['a heading on a line of its own', 'a\n\n# b', 'a # b'],
		['a list', '- a', '\\- a'],
		['a numbered list', '1. a', '1\\. a'],
		['a quotation', '> a', '\\> a'],
	])('are no %s', (_title, text, expected) => {
		expect(textToMarkdown(text)).toBe(expected);
	});

	it('stay what they are where they are plain', () => {
		const text = "The remote can't be reached (ECONNREFUSED). It is tried again by itself: 3 - 2 = 1!";
		expect(textToMarkdown(text)).toBe(text);
	});
});
