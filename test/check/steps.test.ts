import { describe, expect, test } from 'vitest';
import { collectionsStep } from '../../src/check/collections-step.ts';
import { fitOf } from '../../src/check/field-fit.ts';
import { fieldsStep } from '../../src/check/fields-step.ts';
import { keysStep } from '../../src/check/keys-step.ts';
import { clockStep, identityStep } from '../../src/check/node-steps.ts';
import { payloadStep } from '../../src/check/payload-step.ts';
import { permissionsStep } from '../../src/check/permissions-step.ts';
import { planStep } from '../../src/check/plan-step.ts';
import { referencesStep } from '../../src/check/references-step.ts';
import type { NodeInfo } from '../../src/wire/info.ts';
import type { NodeField } from '../../src/wire/shapes.ts';
import { nodeId } from '../support/memory/node.ts';
import { ARTICLES, access, byName, codes, field, listing, shape } from './facts.ts';

const LISTED = listing(ARTICLES);
const SHAPE = shape([field('title'), field('body')]);

describe('a type', () => {
	test.each([
		['string', 'string', 'same'],
		['string', 'text', 'wider'],
		['text', 'string', 'narrower'],
		['uuid', 'string', 'wider'],
		['string', 'uuid', 'narrower'],
		['integer', 'bigInteger', 'wider'],
		['bigInteger', 'integer', 'narrower'],
		['decimal', 'float', 'same'],
		['float', 'integer', 'narrower'],
		['timestamp', 'date', 'narrower'],
		['json', 'text', 'never'],
		['text', 'json', 'never'],
		['boolean', 'integer', 'never'],
		['date', 'time', 'never'],
		['geometry.Point', 'geometry.Polygon', 'never'],
		['geometry.Point', 'geometry', 'wider'],
		['geometry', 'geometry.Point', 'narrower'],
		['geometry.Point', 'json', 'wider'],
		['geometry', 'json', 'wider'],
		['json', 'geometry.Point', 'narrower'],
		['geometry', 'text', 'never'],
		['somethingNew', 'somethingNew', 'same'],
		['somethingNew', 'string', 'never'],
	])('%s fits %s: %s', (here, there, fit) => {
		expect(fitOf({ type: here, length: null }, { type: there, length: null })).toBe(fit);
	});

	test('that holds UUIDs as texts is the same in both directions', () => {
		const uuid = { type: 'uuid', length: null };
		const text = { type: 'string', length: 36 };
		expect([fitOf(uuid, text), fitOf(text, uuid)]).toEqual(['same', 'same']);
	});
});

describe('a field', () => {
	const compare = (here: Partial<NodeField>, there: Partial<NodeField>): string[] =>
		codes(
			fieldsStep(LISTED, byName(shape([field('title', here)])), byName(shape([field('title', there), field('body')]))),
		);

	test.each<[string, Partial<NodeField>, Partial<NodeField>, string[]]>([
		['that is the same', {}, {}, []],
		['that may be empty there only', { nullable: false }, { nullable: true }, []],
		['that may be empty here only', { nullable: true }, { nullable: false }, ['error not_null title']],
		['that is shorter there', { length: 255 }, { length: 100 }, ['warning length_smaller title']],
		['that is longer there', { length: 100 }, { length: 255 }, []],
		['without a known length there', { length: 100 }, { length: null }, []],
		[
			'with fewer digits after the point there',
			{ type: 'decimal', precision: 10, scale: 4 },
			{ type: 'decimal', precision: 10, scale: 2 },
			['warning precision_smaller title'],
		],
		[
			'with fewer digits before the point there',
			{ type: 'decimal', precision: 10, scale: 2 },
			{ type: 'decimal', precision: 10, scale: 4 },
			['warning precision_smaller title'],
		],
		['that the database computes there', {}, { generated: true }, ['error generated_field title']],
		['that is secret here', { secret: true }, { type: 'json' }, []],
		["that Directus can't read here", { type: 'unknown' }, { type: 'geometry.Point' }, []],
		[
			"that Directus can't read there",
			{ type: 'geometry.Point' },
			{ type: 'unknown' },
			['error unreadable_field title'],
		],
		['that has no column there', {}, { type: 'alias' }, ['error type_differs title']],
		[
			'of another type, told once',
			{ type: 'json' },
			{ nullable: false },
			['error type_differs title', 'error not_null title'],
		],
	])('%s', (_title, here, there, expected) => {
		expect(compare(here, there)).toEqual(expected);
	});

	test('that is required there matters only where items are created', () => {
		const there = byName(shape([field('title'), field('body')], { required: ['must'] }));
		expect(codes(fieldsStep(LISTED, byName(SHAPE), there))).toEqual(['error required_field must']);
		const updates = listing({ ...ARTICLES, events: ['update'] });
		expect(fieldsStep(updates, byName(SHAPE), there).status).toBe('ok');
	});

	test('of a file that says where it is kept is filled in by the remote', () => {
		const files = listing({ collection: 'directus_files', fields: ['title'] });
		const here = shape([field('title')], { collection: 'directus_files' });
		expect(fieldsStep(files, byName(here), byName({ ...here, required: ['storage'] })).status).toBe('ok');
	});
});

describe('a collection', () => {
	test('that is switched off there, or a single object there only, is an error', () => {
		const there = shape([], { active: false, singleton: true });
		expect(codes(collectionsStep(LISTED, byName(SHAPE), byName(there)))).toEqual([
			'error inactive_collection',
			'error singleton_differs',
		]);
	});

	test('that is a single object on both may have other keys there', () => {
		const single = (type: string) =>
			byName(shape([], { singleton: true, key: { field: 'id', type, counted: false, length: null } }));
		expect(collectionsStep(LISTED, single('uuid'), single('integer'))).toMatchObject({ status: 'ok' });
	});

	test('with narrower keys there is a warning', () => {
		const key = (type: string) => ({ field: 'id', type, counted: false, length: null });
		const step = (here: string, there: string) =>
			collectionsStep(LISTED, byName(shape([], { key: key(here) })), byName(shape([], { key: key(there) })));
		expect(step('bigInteger', 'integer')).toMatchObject({ status: 'warning', code: 'key_differs' });
		expect(step('integer', 'bigInteger')).toMatchObject({ status: 'ok' });
		expect(step('uuid', 'integer')).toMatchObject({ status: 'error', code: 'key_differs' });
	});
});

describe('permissions', () => {
	const step = (overrides: Parameters<typeof access>[0], there = SHAPE) =>
		permissionsStep(LISTED, byName(there), access(overrides));

	test('for all that is listed are enough, the key included', () => {
		const fields = ['id', 'title', 'body'];
		const all = { access: 'full', fields } as const;
		expect(step({ create: all, update: all }).status).toBe('ok');
	});

	test('without the key can not create, without a listed field not update', () => {
		const create = { access: 'full', fields: ['title', 'body'] } as const;
		const update = { access: 'full', fields: ['title'] } as const;
		const found = step({ create, update });
		expect(codes(found)).toEqual(['error field_not_permitted create', 'error field_not_permitted update']);
		expect(found.findings?.map(({ message }) => message)).toEqual([
			expect.stringMatching(/: id\.$/),
			expect.stringMatching(/: body\.$/),
		]);
	});

	test('with a rule are a warning', () => {
		expect(codes(step({ update: { access: 'partial', fields: ['*'] } }))).toEqual([
			'warning partial_permission update',
		]);
	});

	test('that are missing are told apart from those that do not count', () => {
		const none = { access: 'none', fields: [] } as const;
		const there = shape([field('title')], { ignored: ['update'] });
		expect(codes(step({ update: none, delete: none }, there))).toEqual([
			'error ignored_permission update',
			'error missing_permission delete',
		]);
	});

	test('of a collection that is not there are the business of another step', () => {
		expect(permissionsStep(LISTED, byName(), new Map()).status).toBe('ok');
	});
});

describe('the clock', () => {
	const offset = (milliseconds: number, roundTrip = 100) => {
		const info = { now: 1_000_000 + roundTrip / 2 + milliseconds } as NodeInfo;
		return clockStep({ outcome: 'met', info, sentAt: 1_000_000, receivedAt: 1_000_000 + roundTrip });
	};

	test.each([
		[0, 'ok'],
		[4_000, 'ok'],
		[-4_000, 'ok'],
		[6_000, 'warning'],
		[-6_000, 'warning'],
		[299_000, 'warning'],
		[301_000, 'error'],
		[-301_000, 'error'],
	])('%i milliseconds apart: %s', (milliseconds, status) => {
		expect(offset(milliseconds).status).toBe(status);
	});

	test('is not blamed for a slow answer', () => {
		expect(offset(6_000, 9_000).status).toBe('ok');
	});

	test('is told with its direction', () => {
		expect(offset(-60_000).message).toMatch(/60 seconds behind/);
		expect(offset(1_000).message).toMatch(/1 second ahead of/);
	});
});

test('only our own id is ours', () => {
	expect(identityStep(nodeId(1), { node: nodeId(2) } as NodeInfo).status).toBe('ok');
	expect(identityStep(nodeId(1), { node: nodeId(1) } as NodeInfo)).toMatchObject({ status: 'error', code: 'own_node' });
});

describe('the payload', () => {
	const item = (bytes: number) => ({ collection: 'articles', item: 'x', bytes });

	test.each([
		[1024 ** 2, null, 'ok'],
		[1024 ** 2, item(10_000), 'ok'],
		[1024 ** 2, item(600_000), 'warning'],
		[1024 ** 2, item(1_048_000), 'error'],
		[100_000, null, 'warning'],
		[100_000, item(99_000), 'error'],
	])('of at most %i bytes with %o: %s', (limit, largest, status) => {
		expect(payloadStep(limit, largest).status).toBe(status);
	});
});

describe('keys', () => {
	test('collide only where both count and items are created', () => {
		const counted = (yes: boolean) =>
			byName(shape([], { key: { field: 'id', type: 'integer', counted: yes, length: null } }));
		expect(codes(keysStep(LISTED, counted(true), counted(true)))).toEqual(['warning counted_keys']);
		expect(keysStep(LISTED, counted(true), counted(false)).status).toBe('ok');
		const updates = listing({ ...ARTICLES, events: ['update', 'delete'] });
		expect(keysStep(updates, counted(true), counted(true)).status).toBe('ok');
	});
});

describe('references', () => {
	test('to what is not listed are told each by itself, with what becomes of them', () => {
		const unlisted = [{ collection: 'articles', field: 'body', to: ['authors', 'directus_roles', 'articles'] }];
		const step = referencesStep(LISTED, unlisted, byName(SHAPE));
		expect(codes(step)).toEqual([
			'warning unreachable_reference body',
			'warning unsyncable_reference body',
			'warning unlisted_reference body',
		]);
		for (const { message } of step.findings ?? []) expect(message).toMatch(/the field is left out\.$/);
		const waiting = listing({ ...ARTICLES, onMissing: 'wait' });
		expect(referencesStep(waiting, unlisted, byName(SHAPE)).message).toMatch(/waits/);
	});
});

test('what a plan has switched off is told on both sides', () => {
	const step = planStep(
		{ push: 'missing', resync: 'inactive' },
		byName(shape([], { active: false })),
		byName(shape([], { ignored: ['create', 'delete'] })),
	);
	expect(codes(step)).toEqual([
		'error inactive_collection',
		'warning flow_missing',
		'warning flow_inactive',
		'warning ignored_permission',
	]);
});
