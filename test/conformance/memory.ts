/** The ports in memory, on which the simulator runs, as a subject of the conformance suite. */
import { createMemoryApply, store as storeValues } from '../simulator/memory/apply.ts';
import { createMemoryCheckpoints } from '../simulator/memory/checkpoints.ts';
import { createVirtualClock } from '../simulator/memory/clock.ts';
import { createDatabase } from '../simulator/memory/database.ts';
import { createMemoryDeliveries, idOf } from '../simulator/memory/deliveries.ts';
import { createMemoryFeed } from '../simulator/memory/feed.ts';
import { createMemoryItems } from '../simulator/memory/items.ts';
import { createMemoryLeases } from '../simulator/memory/leases.ts';
import { createMemoryRetention } from '../simulator/memory/retention.ts';
import { createSession, createStore } from '../simulator/memory/session.ts';
import { begin, lockKeys } from '../simulator/memory/transaction.ts';
import type { Vendor } from '../simulator/memory/vendor.ts';
import { NODE, SHAPES, type Subject, shapeOf } from './subject.ts';

const FOREIGN_KEYS = [{ collection: 'articles', field: 'author', parent: 'authors' }];

export const clock = () => createVirtualClock({ node: NODE, wall: () => Date.now() });

export async function createMemorySubject(vendor: Vendor): Promise<Subject> {
	const make = () => {
		const store = createStore(createDatabase({ node: NODE, vendor, shapes: SHAPES, foreignKeys: FOREIGN_KEYS }));
		const session = createSession(store, 'this process');
		return {
			session,
			feed: createMemoryFeed(session, clock()),
			checkpoints: createMemoryCheckpoints(session),
			leases: createMemoryLeases(session, clock()),
			leasesOfAnother: createMemoryLeases(createSession(store, 'another process'), clock()),
			retention: createMemoryRetention(session),
			items: createMemoryItems(session),
			deliveries: createMemoryDeliveries(session, clock()),
			apply: createMemoryApply(session),
		};
	};

	const { session, ...ports } = make();
	let current = session;

	const subject: Subject = {
		...ports,
		exclusive: vendor.exclusive,
		deliveryId: async (source, ref) => idOf(source, ref),
		put: async (ref, values) => {
			const transaction = await begin(current);
			const { id, item } = lockKeys(ref);
			await transaction.hold([item]);
			const { fields } = shapeOf(ref.collection);
			transaction.putItem(
				ref,
				{ ...transaction.item(id), ...storeValues(current.store.data, fields, values) },
				'editor',
			);
			transaction.commit();
		},
		reset: async () => {
			const { session: fresh, ...again } = make();
			current = fresh;
			Object.assign(subject, again);
		},
		end: async () => {},
	};
	return subject;
}
