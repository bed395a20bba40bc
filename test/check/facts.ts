/** What a node would tell of itself, for tests of single steps. */
import type { CollectionAccess } from '../../src/check/port.ts';
import type { CheckStep } from '../../src/check/report.ts';
import { type Listing, parseListing } from '../../src/sources/listing.ts';
import type { NodeField, NodeShape } from '../../src/wire/shapes.ts';

export const field = (name: string, options: Partial<NodeField> = {}): NodeField => ({
	field: name,
	type: 'string',
	nullable: true,
	generated: false,
	secret: false,
	length: 255,
	precision: null,
	scale: null,
	...options,
});

export const shape = (fields: NodeField[], options: Partial<NodeShape> = {}): NodeShape => ({
	collection: 'articles',
	active: true,
	singleton: false,
	key: { field: 'id', type: 'uuid', counted: false, length: null },
	fields,
	required: [],
	ignored: [],
	...options,
});

export const byName = (...shapes: NodeShape[]): Map<string, NodeShape> =>
	new Map(shapes.map((each) => [each.collection, each]));

export function listing(...entries: object[]): Listing {
	const parsed = parseListing(entries);
	if (!parsed.ok) throw new Error(parsed.error);
	return parsed.listing;
}

export const ARTICLES = { collection: 'articles', fields: ['title', 'body'] };

const FULL = { access: 'full', fields: ['*'] } as const;

export const access = (overrides: Partial<CollectionAccess> = {}): Map<string, CollectionAccess> =>
	new Map([['articles', { create: FULL, update: FULL, delete: FULL, ...overrides }]]);

/** What a step found, in short. */
export const codes = (step: CheckStep): string[] =>
	(step.findings ?? []).map(({ status, code, field: name, action }) =>
		[status, code, name ?? action].filter((each) => each !== undefined).join(' '),
	);
