/** The collections that simulated nodes share, and values for them that name the write they came from. */
import type { CollectionShape } from '../../src/content/port.ts';
import type { Json } from '../../src/replication/digest.ts';
import type { Model } from '../../src/sources/model.ts';
import type { ForeignKey } from './memory/database.ts';
import type { Plan } from './plan.ts';

/** Nodes count its keys up by themselves, so that they give one key to several items. Only some plans share it. */
export const COUNTED = 'tickets';

const shape = (collection: string, fields: Record<string, string>): CollectionShape => ({
	collection,
	primaryKey: 'id',
	keyType: 'string',
	keyIsCounted: collection === COUNTED,
	fields: new Map(Object.entries(fields).map(([field, type]) => [field, { type }])),
	references: new Map(collection === 'comments' ? [['article', { to: 'articles', by: null, nullable: true }]] : []),
});

export const SHAPES: ReadonlyMap<string, CollectionShape> = new Map(
	[
		/** `origin` is only ever written at creation, so it names the item's incarnation. */
		shape('articles', {
			origin: 'string',
			title: 'string',
			price: 'decimal',
			meta: 'json',
			due: 'timestamp',
			featured: 'boolean',
		}),
		shape('comments', { origin: 'string', text: 'text', article: 'string' }),
		shape(COUNTED, { origin: 'string', title: 'string', featured: 'boolean' }),
	].map((each) => [each.collection, each]),
);

export const PARENT: ForeignKey = { collection: 'comments', field: 'article', parent: 'articles' };

/** What a node has of them. */
export function shapesOf({ nodes, onDelete }: Plan, node: number): ReadonlyMap<string, CollectionShape> {
	const lacks = nodes[node]?.lacks ?? [];
	const shapes = [...SHAPES.values()].map((each): CollectionShape => {
		const missing = lacks.filter(({ collection }) => collection === each.collection).map(({ field }) => field);
		const fields = new Map([...each.fields].filter(([field]) => !missing.includes(field)));
		const references = new Map([...each.references].filter(([field]) => !missing.includes(field)));
		const cascades = onDelete !== undefined && each.collection === PARENT.parent;
		return { ...each, fields, references, ...(cascades && { cascadesTo: [PARENT] }) };
	});
	const isThere = ({ collection }: CollectionShape) =>
		!lacks.some((each) => each.collection === collection && each.field === undefined);
	return new Map(shapes.filter(isThere).map((each) => [each.collection, each]));
}

/** The same as filters see it. */
export const MODEL: Model = {
	collections: new Map(
		[...SHAPES.values()].map(({ collection, primaryKey, fields }) => [
			collection,
			{ primaryKey, fields: new Map([...fields.keys()].map((field) => [field, { isAlias: false, isSyncable: true }])) },
		]),
	),
	relations: [
		{
			collection: PARENT.collection,
			field: PARENT.field,
			to: PARENT.parent,
			by: null,
			allowed: [],
			alias: null,
			junctionField: null,
			sortField: null,
		},
	],
};

/** Fields whose values are never written twice; the others say nothing about who wrote them. */
export const TELLING = new Set(['origin', 'title', 'price', 'meta', 'due', 'text']);

/** A value of the field that no other write has. */
export function valueFor(type: string, write: number): Json {
	if (type === 'decimal') return write + 0.25;
	if (type === 'json') return { write, nested: { b: [write, 1], a: null } };
	if (type === 'timestamp') return new Date(1_700_000_000_123 + write * 1000).toISOString();
	if (type === 'boolean') return write % 2 === 0;
	return `write ${write}`;
}
