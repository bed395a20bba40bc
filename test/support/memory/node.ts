/** A node in memory for unit tests: every call happens at once, edits are touched in the feed as they are made. */

import type { CollectionShape, Values } from '../../../src/content/port.ts';
import { suspectTouch } from '../../../src/feed/touch.ts';
import type { NotifyPort } from '../../../src/push/port.ts';
import { itemId } from '../../../src/replication/change.ts';
import type { NodeId } from '../../../src/replication/timestamp.ts';
import { parseListing } from '../../../src/sources/listing.ts';
import type { Source } from '../../../src/sources/port.ts';
import type { TransportPort } from '../../../src/wire/port.ts';
import type { Rule } from '../../simulator/memory/apply.ts';
import { createVirtualClock } from '../../simulator/memory/clock.ts';
import { createDatabase, type Database, type DatabaseOptions } from '../../simulator/memory/database.ts';
import { createMemoryPorts } from '../../simulator/memory/ports.ts';
import { createSession, createStore, type Session } from '../../simulator/memory/session.ts';
import { plain } from '../../simulator/memory/vendor.ts';
import type { Ports } from './ports.ts';

export const nodeId = (number: number): NodeId => number.toString(16).padStart(12, '0') as NodeId;

export const shape = (
	collection: string,
	fields: Record<string, string>,
	options: Partial<CollectionShape> = {},
): CollectionShape => ({
	collection,
	primaryKey: 'id',
	keyType: 'string',
	keyIsCounted: false,
	fields: new Map(Object.entries(fields).map(([field, type]) => [field, { type }])),
	references: new Map(),
	...options,
});

export const ARTICLES = shape('articles', { title: 'string', body: 'text', price: 'decimal', meta: 'json' });
export const COMMENTS = shape(
	'comments',
	{ text: 'string', article: 'string' },
	{ references: new Map([['article', { to: 'articles', by: null, nullable: true }]]) },
);
/** Its keys are counted up by each node. */
export const PAGES = shape('pages', { title: 'string' }, { keyType: 'integer', keyIsCounted: true });

/** @param schema the source's `schema` field; without it all fields of all collections */
export function source(id: string, options: Partial<Source> & { schema?: unknown } = {}): Source {
	const { schema = FULL_SCHEMA, ...rest } = options;
	const parsed = parseListing(schema);
	if (!parsed.ok) throw new Error(parsed.error);
	return {
		id,
		name: id,
		published: true,
		url: `https://${id}.example`,
		apiKey: 'key',
		listing: parsed.listing,
		configurationError: null,
		usersNotification: [],
		...rest,
	};
}

const FULL_SCHEMA = [ARTICLES, COMMENTS, PAGES].map(({ collection, fields }) => ({
	collection,
	fields: [...fields.keys()],
}));

export const NO_NETWORK: TransportPort = {
	info: () => Promise.reject(new Error('there is no network')),
	send: () => Promise.reject(new Error('there is no network')),
};

export type TestNode = {
	ports: Ports;
	session: Session;
	data: Database;
	/** Milliseconds; set it to move the node's wall clock. */
	wall: { now: number };
	/** Writes an item (null: deletes it) past all capture. */
	write(collection: string, item: string, values: Values | null): void;
	/** Writes an item and touches it. */
	edit(collection: string, item: string, values: Values | null): Promise<void>;
	value(collection: string, item: string, field: string): unknown;
	row(collection: string, item: string): NonNullable<ReturnType<Database['feed']['get']>>;
};

export type TestNodeOptions = Partial<DatabaseOptions> & {
	number?: number;
	transport?: TransportPort;
	notify?: NotifyPort;
	rules?: Rule[];
	now?: number;
};

export function createTestNode(options: TestNodeOptions = {}): TestNode {
	const { number = 1, transport = NO_NETWORK, notify, rules, now = 1_767_225_600_000, ...database } = options;
	const shapes = new Map([ARTICLES, COMMENTS, PAGES].map((each) => [each.collection, each]));
	const data = createDatabase({ node: nodeId(number), vendor: plain, shapes, ...database });
	const wall = { now };
	const clock = createVirtualClock({ node: data.node, wall: () => wall.now });
	const session = createSession(createStore(data));
	const ports = createMemoryPorts({ session, clock, transport, ...(notify && { notify }), ...(rules && { rules }) });

	const write: TestNode['write'] = (collection, item, values) => {
		const id = itemId(collection, item);
		if (values === null) data.items.delete(id);
		else data.items.set(id, { ...data.items.get(id), ...values });
	};

	return {
		ports,
		session,
		data,
		wall,
		write,
		edit: async (collection, item, values) => {
			wall.now += 1;
			const created = values !== null && !data.items.has(itemId(collection, item));
			write(collection, item, values);
			await ports.feed.touch([{ ...suspectTouch({ collection, item }, clock.stamp()), created }]);
		},
		value: (collection, item, field) => data.items.get(itemId(collection, item))?.[field],
		row: (collection, item) => {
			const row = data.feed.get(itemId(collection, item));
			if (!row) throw new Error(`the feed knows nothing of ${collection} ${item}`);
			return row;
		},
	};
}
