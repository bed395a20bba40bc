/** What a node would tell of itself, for tests of single steps. */
import type { CollectionAccess, Met } from '../../src/check/port.ts';
import type { CheckStep } from '../../src/check/report.ts';
import { createTimestamp } from '../../src/replication/timestamp.ts';
import { type Listing, parseListing } from '../../src/sources/listing.ts';
import type { NodeField, NodeShape } from '../../src/wire/shapes.ts';
import { nodeId } from '../support/memory/node.ts';

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

/** A remote that answers as it should. */
export const MET: Met = {
	outcome: 'met',
	info: {
		protocol: 1,
		version: '1.0.0',
		directus: '12.0.0',
		node: nodeId(2),
		clock: createTimestamp({ millis: 1_000_000, counter: 0, writer: `${nodeId(2)}aaaa` }),
		now: 1_000_000,
		receiver: true,
		limits: { payload: 1024 ** 2, changes: 1000, file: null },
	},
	sentAt: 1_000_000,
	receivedAt: 1_000_000,
};

/** What a step found, in short. */
export const codes = (step: CheckStep): string[] =>
	(step.findings ?? []).map(({ status, code, field: name, action }) =>
		[status, code, name ?? action].filter((each) => each !== undefined).join(' '),
	);
