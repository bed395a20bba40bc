import { describe, expect, it } from 'vitest';
import { isSyncableCollection } from '../../src/content/syncable.ts';
import { parseListing } from '../../src/sources/listing.ts';

const ENTRY = { collection: 'articles', fields: ['title'] };

function errorOf(schema: unknown): string {
	const parsed = parseListing(schema);
	return parsed.ok ? 'no error' : parsed.error;
}

describe('listing', () => {
	it('is read from an array or from its text', () => {
		const listing = new Map([
			[
				'articles',
				{
					collection: 'articles',
					fields: ['title'],
					filter: null,
					events: ['create', 'update', 'delete'],
					onMissing: 'leave',
					looksAt: [],
				},
			],
		]);
		expect(parseListing([ENTRY])).toEqual({ ok: true, listing });
		expect(parseListing(JSON.stringify([ENTRY]))).toEqual({ ok: true, listing });
	});

	it('keeps a filter and events', () => {
		const filter = { status: { _eq: 'published' } };
		const parsed = parseListing([{ ...ENTRY, filter, events: ['create'] }]);
		expect(parsed.ok && parsed.listing.get('articles')).toMatchObject({ filter, events: ['create'] });
	});

	it('keeps what is to become of references to missing items', () => {
		const parsed = parseListing([{ ...ENTRY, onMissing: 'wait' }]);
		expect(parsed.ok && parsed.listing.get('articles')?.onMissing).toBe('wait');
	});

	it('takes an empty filter for none', () => {
		for (const filter of [{}, null, undefined]) {
			const parsed = parseListing([{ ...ENTRY, filter }]);
			expect(parsed.ok && parsed.listing.get('articles')?.filter).toBe(null);
		}
	});

	it('names every field once, without the spaces around it', () => {
		const parsed = parseListing([{ collection: ' articles ', fields: ['title', ' title', 'body'] }]);
		expect(parsed.ok && parsed.listing.get('articles')?.fields).toEqual(['title', 'body']);
	});

	it('may be empty', () => {
		for (const schema of [null, undefined, [], '[]'])
			expect(parseListing(schema)).toEqual({ ok: true, listing: new Map() });
	});

	it.each<[error: string, schema: unknown]>([
		['schema:', 'not json'],
		['schema:', ''],
		['schema:', {}],
		['schema:', 5],
		['schema (0):', ['articles']],
		['schema (0.collection):', [{ fields: ['title'] }]],
		['schema (0.collection): must not be empty', [{ ...ENTRY, collection: ' ' }]],
		['schema (0.collection):', [{ ...ENTRY, collection: 'c'.repeat(65) }]],
		['schema (0.collection): is a system collection', [{ ...ENTRY, collection: 'directus_users' }]],
		['schema (0.collection): is a system collection', [{ ...ENTRY, collection: 'data_sync_remote_sources' }]],
		['schema (0.fields):', [{ collection: 'articles' }]],
		['schema (0.fields):', [{ ...ENTRY, fields: 'title' }]],
		['schema (0.fields): must list at least one field', [{ ...ENTRY, fields: [] }]],
		['schema (0.fields.1): must not be empty', [{ ...ENTRY, fields: ['title', ''] }]],
		['schema (0.fields.0):', [{ ...ENTRY, fields: [{ name: 'title' }] }]],
		['schema (1.filter):', [ENTRY, { ...ENTRY, collection: 'pages', filter: 'status' }]],
		['schema (0.events.0):', [{ ...ENTRY, events: ['remove'] }]],
		['schema (0.onMissing):', [{ ...ENTRY, onMissing: 'fail' }]],
		['schema (0.events): must name at least one event', [{ ...ENTRY, events: [] }]],
		['schema (0.field):', [{ ...ENTRY, field: 'title' }]],
		['schema: lists a collection twice', [ENTRY, { ...ENTRY, fields: ['body'] }]],
	])('that is wrong says where: %s', (error, schema) => {
		expect(errorOf(schema)).toContain(error);
	});

	it('refuses a filter that is a list', () => {
		expect(errorOf([{ ...ENTRY, filter: [{ status: { _eq: 'published' } }] }])).toContain('schema (0.filter)');
	});

	it('lets of the system collections only files and folders pass', () => {
		const names = [
			'articles',
			'directus_files',
			'directus_folders',
			'directus_users',
			'data_sync_changes',
			'directusx',
		];
		expect(names.filter(isSyncableCollection)).toEqual(['articles', 'directus_files', 'directus_folders', 'directusx']);
	});
});
