import { describe, expect, it } from 'vitest';
import {
	ACCESS_ID,
	COLLECTIONS,
	FLOWS,
	OPERATION_TYPE,
	POLICY_ID,
	PUSH_FLOW_ID,
	RELATIONS,
	RESYNC_FLOW_ID,
	SOURCES,
	TABLE_DEFINITIONS,
	USER_ID,
} from '../../schema.ts';

const fieldsOf = (collection: string) =>
	COLLECTIONS.find((each) => each.collection === collection)?.fields.map(({ field }) => field) ?? [];

describe('what setup installs', () => {
	it('stays within an unlicensed plan: three collections, two Flows', () => {
		expect(COLLECTIONS).toHaveLength(3);
		expect(FLOWS).toHaveLength(2);
	});

	it('keeps the ids that users upgrade by', () => {
		expect([POLICY_ID, USER_ID, ACCESS_ID, ...FLOWS.flatMap(({ id, operation }) => [id, operation.id])]).toEqual([
			'2e76994c-a4eb-47ac-b811-e4692ad9de5e',
			'7c6b6863-d298-453d-a192-4a343eb7ddd3',
			'c40c6bec-bfaf-4b22-8045-bbfb42081c2a',
			'39fd336f-5e60-4ab0-ab00-f9046faa3fc7',
			'53eece4a-a615-4df2-9bcc-6c310602785e',
			'43627ac8-b3a9-4454-858b-7a4cb965bf6e',
			'4846bc57-c389-4531-8ce6-0b50574f07ee',
		]);
		expect(FLOWS.map(({ id }) => id)).toEqual([PUSH_FLOW_ID, RESYNC_FLOW_ID]);
		expect(FLOWS.every(({ operation }) => operation.type === OPERATION_TYPE)).toBe(true);
	});

	it('gives every collection one primary key and every form a fixed order', () => {
		for (const { collection, fields } of COLLECTIONS) {
			expect(fields.filter(({ schema }) => schema?.is_primary_key).map(({ field }) => field)).toEqual(['id']);
			expect(new Set(fields.map(({ field }) => field)).size, collection).toBe(fields.length);
			expect(fields.map(({ meta }) => meta.sort)).toEqual(fields.map((_, index) => index + 1));
		}
	});

	it('says in the form what each visible field of a remote source is for', () => {
		const visible = COLLECTIONS.find(({ collection }) => collection === SOURCES)?.fields.filter(
			({ meta }) => !meta.hidden,
		);
		expect(visible?.filter(({ meta }) => !meta.note || !meta.interface)).toEqual([]);
	});

	it('lists only fields that exist', () => {
		for (const { collection, list } of COLLECTIONS)
			for (const field of Object.keys(list?.columns ?? {})) expect(fieldsOf(collection)).toContain(field);
	});

	it('encrypts the API key and never conceals it, so that we can read what nobody else can', () => {
		const key = COLLECTIONS[0]?.fields.find(({ field }) => field === 'api_key');
		expect(key?.meta.special).toEqual(['encrypt']);
	});

	it('relates only fields that exist', () => {
		for (const { collection, field, related_collection, meta } of RELATIONS) {
			expect(fieldsOf(collection)).toContain(field);
			if (meta.junction_field) expect(fieldsOf(collection)).toContain(meta.junction_field);
			if (meta.one_field) expect(fieldsOf(related_collection)).toContain(meta.one_field);
			expect([...COLLECTIONS.map((each) => each.collection), 'directus_users']).toContain(related_collection);
		}
	});

	it('keys and indexes the feed tables by columns they have', () => {
		for (const { columns, primary, unique = [] } of TABLE_DEFINITIONS) {
			const names = columns.map(({ name }) => name);
			expect(new Set(names).size).toBe(names.length);
			for (const name of [primary, ...unique]) expect(names).toContain(name);
		}
	});
});
