/**
 * Notifications are Markdown, and become HTML in Data Studio and in e-mails. What they quote was written by others (a remote's
 * words, names, values in an error of its database), and is text: nothing of it becomes a link, a heading or an image.
 */

/** Of inline Markdown, wherever it stands. */
const SPECIAL = /[\\`*_[\]<>~|&@]/g;
/** What renderers make a link of by themselves. */
const LINK = /:(?=\/\/)|(?<=\bwww)\./gi;
/** What makes a heading, a list or a line of a paragraph that begins with it. */
const BEGINNING = /^(\d*)([#+\-=.)])/;

/** Markdown that shows as this text, on one line. */
export const textToMarkdown = (text: string): string =>
	text.replaceAll(/\s+/g, ' ').trim().replace(SPECIAL, '\\$&').replace(LINK, '\\$&').replace(BEGINNING, '$1\\$2');
