/** Deliveries in memory. */

import type { Ref } from '../../../src/content/port.ts';
import type { ClockPort } from '../../../src/directus/port.ts';
import type { DeliveriesPort, Delivery } from '../../../src/push/port.ts';
import { itemId } from '../../../src/replication/change.ts';
import type { Database, StoredDelivery } from './database.ts';
import type { Session } from './session.ts';

export function createMemoryDeliveries(session: Session, clock: ClockPort): DeliveriesPort {
	return {
		read: (source, refs) => session.call('deliveries.read', [], (data) => select(data, source, refs).map(toDelivery)),
		put: (source, deliveries) =>
			session.call('deliveries.put', [], (data) => {
				for (const delivery of deliveries) {
					const id = idOf(source, delivery);
					data.deliveries.set(id, { ...delivery, id, source });
				}
			}),
		clear: (source, refs) =>
			session.call('deliveries.clear', [], (data) => {
				for (const ref of refs) data.deliveries.delete(idOf(source, ref));
			}),
		makeDue: (sources) =>
			session.call('deliveries.makeDue', [], (data) => {
				for (const each of data.deliveries.values()) {
					if (sources.includes(each.source)) data.deliveries.set(each.id, { ...each, nextAttemptAt: clock.now() });
				}
			}),
		retry: (ids) =>
			session.call('deliveries.retry', [], (data) => {
				const found = [...data.deliveries.values()].filter(({ id }) => ids === null || ids.includes(id));
				for (const each of found) {
					data.deliveries.set(each.id, { ...each, status: 'pending', nextAttemptAt: clock.now() });
				}
				return { count: found.length, sources: [...new Set(found.map(({ source }) => source))] };
			}),
	};
}

export const idOf = (source: string, { collection, item }: Ref): string => `${source} ${itemId(collection, item)}`;

function select({ deliveries }: Database, source: string, refs: Ref[] | undefined): StoredDelivery[] {
	const wanted = refs && new Set(refs.map((ref) => idOf(source, ref)));
	return [...deliveries.values()].filter((each) => each.source === source && (!wanted || wanted.has(each.id)));
}

const toDelivery = ({ id: _, source: __, ...delivery }: StoredDelivery): Delivery => delivery;
