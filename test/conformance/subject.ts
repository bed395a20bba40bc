/**
 * What the conformance suite runs on: the ports of one node, in memory or on a real database with Directus' services.
 * What is simulated on the former then holds for the latter.
 */
import type { ApplyPort } from '../../src/apply/port.ts';
import type { CollectionShape, ItemsPort, Ref, Values } from '../../src/content/port.ts';
import type { LeasesPort } from '../../src/directus/port.ts';
import type { FeedPort, FeedRow, RetentionPort } from '../../src/feed/port.ts';
import type { CheckpointsPort } from '../../src/link/port.ts';
import type { DeliveriesPort } from '../../src/push/port.ts';
import { digestText } from '../../src/replication/digest.ts';
import type { Stamps } from '../../src/replication/stamps.ts';
import type { NodeId, Timestamp } from '../../src/replication/timestamp.ts';

/** The ports that need nothing of Directus but its database. */
export type TableSubject = {
	feed: FeedPort;
	checkpoints: CheckpointsPort;
	leases: LeasesPort;
	/** As another process of the node has them. */
	leasesOfAnother: LeasesPort;
	retention: RetentionPort;
	/** Begins a test with nothing in it. */
	reset(): Promise<void>;
	end(): Promise<void>;
};

export type Subject = TableSubject & {
	items: ItemsPort;
	deliveries: DeliveriesPort;
	/** The id that a user would retry a delivery by. */
	deliveryId(source: string, ref: Ref): Promise<string>;
	apply: ApplyPort;
	/** Writes as an editor does: creates the item, or changes the given fields. */
	put(ref: Ref, values: Values): Promise<void>;
	/** One writer at a time for everything, readers included: whoever asks for anything meanwhile waits. */
	exclusive: boolean;
};

export const NODE = '0000000000aa' as NodeId;
export const OTHER = '0000000000bb' as NodeId;

/** Ids of two sources, as they are there. */
export const SOURCE_A = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
export const SOURCE_B = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';

/** The content of test/support/content.ts. */
export const SHAPES: ReadonlyMap<string, CollectionShape> = new Map(
	[
		shape('authors', 'uuid', { name: 'string', secret: 'string' }),
		shape(
			'articles',
			'uuid',
			{
				title: 'string',
				body: 'text',
				rating: 'integer',
				featured: 'boolean',
				tags: 'json',
				price: 'decimal',
				published_at: 'timestamp',
				author: 'uuid',
				secret: 'string',
			},
			{ author: 'authors' },
		),
		shape('pages', 'string', { title: 'string', secret: 'string' }),
		shape('tickets', 'integer', { title: 'string', secret: 'string' }),
	].map((each) => [each.collection, each]),
);

function shape(
	collection: string,
	keyType: string,
	fields: Record<string, string>,
	references: Record<string, string> = {},
): CollectionShape {
	return {
		collection,
		primaryKey: collection === 'pages' ? 'slug' : 'id',
		keyType,
		keyIsCounted: collection === 'tickets',
		fields: new Map(Object.entries(fields).map(([field, type]) => [field, { type }])),
		references: new Map(
			Object.entries(references).map(([field, to]) => [field, { to, by: null, nullable: true, constrained: true }]),
		),
	};
}

export function shapeOf(collection: string): CollectionShape {
	const found = SHAPES.get(collection);
	if (!found) throw new Error(`there is no ${collection}`);
	return found;
}

/** Keys of articles and authors, in key order. */
export const key = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
export const article = (number: number): Ref => ({ collection: 'articles', item: key(number) });

export const at = (number: number): Timestamp => `00000000000${number}-0000-0000000000aa0001` as Timestamp;
export const stampsOf = (number: number): Stamps => ({ title: { at: at(number), digest: digestText('x') } });

export async function rowOf({ feed }: Pick<TableSubject, 'feed'>, ref: Ref): Promise<FeedRow> {
	const [found] = await feed.read([ref]);
	if (!found) throw new Error(`no row of ${ref.item}`);
	return found;
}
