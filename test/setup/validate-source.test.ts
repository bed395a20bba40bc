import { describe, expect, it } from 'vitest';
import { type SourcePayload, validateSource } from '../../src/setup/validate-source.ts';
import { WEBSITE } from '../support/memory/model.ts';

const create = (payload: SourcePayload) => validateSource(payload, 'create', WEBSITE);
const update = (payload: SourcePayload) => validateSource(payload, 'update', WEBSITE);

describe('validateSource', () => {
	it('leaves a payload alone that says nothing about the remote', () => {
		expect(update({ status: 'published', last_error: null })).toEqual({ status: 'published', last_error: null });
		expect(create({ url: null, api_key: null, schema: null })).toEqual({ url: null, api_key: null, schema: null });
	});

	it.each(['https://cms.example.com', 'http://localhost:8055/', 'https://example.com/cms', 'http://[::1]:8055'])(
		'takes the address %s as it is',
		(url) => expect(create({ url })).toEqual({ url }),
	);

	it('trims what was pasted', () => {
		expect(update({ url: ' https://cms.example.com\n', api_key: ' token\t' })).toEqual({
			url: 'https://cms.example.com',
			api_key: 'token',
		});
	});

	it.each([
		['', 'must be the address'],
		['cms.example.com', 'must be the address'],
		['ftp://cms.example.com', 'must be the address'],
		['file:///etc/passwd', 'must be the address'],
		[42, 'must be the address'],
		['https://me:secret@cms.example.com', 'api_key'],
		['https://cms.example.com/#top', 'before any'],
		['https://cms.example.com/?', 'before any'],
		['https://cms.example.com/admin', 'leave out /admin'],
		['https://cms.example.com/admin/', 'leave out /admin'],
	])('refuses the address %j and says what to do', (url, hint) => {
		expect(() => create({ url })).toThrow(hint);
	});

	it.each(['two words', 'line\nbreak', 'ключ', ''])('refuses the key %j, which no header could carry', (key) => {
		expect(() => update({ api_key: key })).toThrow('static token');
	});

	it('never shows the key in its refusal', () => {
		let message = '';
		try {
			update({ api_key: 'not a token' });
		} catch (error) {
			message = String(error);
		}
		expect(message).toContain('static token');
		expect(message).not.toContain('not a token');
	});

	it('keeps the stored key when the mask comes back, as from a restored revision', () => {
		expect(update({ api_key: '**********', name: 'Berlin' })).toEqual({ name: 'Berlin' });
	});

	it('asks for the key when the mask is all a copy has', () => {
		expect(() => create({ api_key: '**********' })).toThrow('enter the static token');
	});

	it('takes a listing as array or JSON text, and names what is wrong with a bad one', () => {
		const listing = [{ collection: 'articles', fields: ['title'] }];
		expect(create({ schema: listing })).toEqual({ schema: listing });
		expect(create({ schema: JSON.stringify(listing) })).toEqual({ schema: JSON.stringify(listing) });
		expect(() => create({ schema: [{ collection: 'directus_users', fields: ['email'] }] })).toThrow(
			'system collection',
		);
		expect(() => create({ schema: [{ collection: 'articles' }] })).toThrow('fields');
	});

	it('takes relational fields, and refuses those that stand for nothing', () => {
		const listing = [{ collection: 'articles', fields: ['title', 'tags'] }];
		expect(create({ schema: listing })).toEqual({ schema: listing });
		expect(() => create({ schema: [{ collection: 'articles', fields: ['divider'] }] })).toThrow(
			'"divider" of "articles" has no column and no relation',
		);
	});
});
