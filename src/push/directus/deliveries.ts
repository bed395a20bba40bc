/** Deliveries in their managed collection, where admins see, retry and discard them. */
import type { ApiExtensionContext } from '@directus/types';
import type { Ref } from '../../content/port.ts';
import { TABLES } from '../../directus/tables.ts';
import { itemId } from '../../replication/change.ts';
import type { ResultCode } from '../../wire/result.ts';
import type { DeliveriesPort, Delivery, DeliveryStatus } from '../port.ts';

type Context = Pick<ApiExtensionContext, 'services' | 'getSchema' | 'database'>;

type DeliveryItem = {
	id: string;
	collection: string;
	item: string;
	status: DeliveryStatus;
	code: ResultCode;
	message: string;
	attempts: number;
	next_attempt_at: string | null;
};

export function createDeliveries(context: Context): DeliveriesPort {
	const service = async () =>
		new context.services.ItemsService(TABLES.deliveries, {
			knex: context.database,
			schema: await context.getSchema(),
			accountability: null,
		});

	const select = async (source: string, refs?: Ref[]): Promise<DeliveryItem[]> => {
		// Normally there are none, and then a look is cheaper than a service; and asking for all rows of a source is
		// cheaper than naming thousands of items.
		if (!(await context.database(TABLES.deliveries).where({ source }).first('id'))) return [];
		const filter = { source: { _eq: source } };
		const found = (await (await service()).readByQuery({ filter, limit: -1 }, { emitEvents: false })) as DeliveryItem[];
		if (!refs) return found;
		const wanted = new Set(refs.map((ref) => itemId(ref.collection, ref.item)));
		return found.filter((item) => wanted.has(itemId(item.collection, item.item)));
	};

	return {
		read: async (source, refs) => (await select(source, refs)).map(fromItem),
		put: async (source, deliveries) => {
			const known = new Map(
				(await select(source, deliveries)).map((each) => [itemId(each.collection, each.item), each.id]),
			);
			const payloads = deliveries.map((delivery) => {
				const id = known.get(itemId(delivery.collection, delivery.item));
				return { ...(id !== undefined && { id }), source, ...toItem(delivery) };
			});
			await (await service()).upsertMany(payloads, { bypassLimits: true });
		},
		retry: async (ids) => {
			const deliveries = await service();
			const filter = ids === null ? {} : { id: { _in: ids } };
			const found = await deliveries.readByQuery(
				{ filter, fields: ['id', 'source'], limit: -1 },
				{ emitEvents: false },
			);
			const keys = found.map((each) => each.id as string);
			const due = { status: 'pending', next_attempt_at: new Date().toISOString() };
			if (keys.length > 0) await deliveries.updateMany(keys, due, { bypassLimits: true });
			return { count: keys.length, sources: [...new Set(found.map((each) => each.source as string))] };
		},
		makeDue: async (sources) => {
			await context.database(TABLES.deliveries).whereIn('source', sources).update({ next_attempt_at: new Date() });
		},
		clear: async (source, refs) => {
			const ids = (await select(source, refs)).map((each) => each.id);
			if (ids.length > 0) await (await service()).deleteMany(ids, { bypassLimits: true });
		},
	};
}

const fromItem = (item: DeliveryItem): Delivery => ({
	collection: item.collection,
	item: item.item,
	status: item.status,
	code: item.code,
	message: item.message,
	attempts: item.attempts,
	nextAttemptAt: item.next_attempt_at === null ? null : new Date(item.next_attempt_at).getTime(),
});

const toItem = ({ collection, item, status, code, message, attempts, nextAttemptAt }: Delivery) => ({
	collection,
	item,
	status,
	code,
	message,
	attempts,
	next_attempt_at: nextAttemptAt === null ? null : new Date(nextAttemptAt).toISOString(),
});
