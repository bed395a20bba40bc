/** Capture as `src/capture/directus/captures.ts` and `markers.ts` have it: a marker with the write, the touches after its commit. */

import { touchCaptured } from '../../src/capture/touch-captured.ts';
import type { Touch } from '../../src/feed/port.ts';
import { suspectTouch } from '../../src/feed/touch.ts';
import { itemId } from '../../src/replication/change.ts';
import type { Ports } from '../support/memory/ports.ts';
import type { Session } from './memory/session.ts';

export type Capture = {
	/** Notes an open write; the touches may still grow. */
	open(marker: string, touches: Map<string, Touch>): void;
	/** The write has committed: touches its items and takes the marker away. */
	committed(marker: string): Promise<void>;
	rolledBack(marker: string): void;
	/** Touches what the activity log holds since markers that were left behind, if they are at least that old. */
	recover(age: number): Promise<void>;
};

export function createCapture(session: Session, ports: Ports): Capture {
	const writes = new Map<string, Map<string, Touch>>();

	/** With another write of the item open, what the database holds now need not be what this one wrote. */
	const certain = (marker: string): Touch[] => {
		const others = [...writes].filter(([id]) => id !== marker);
		return [...(writes.get(marker) ?? [])].map(([id, touch]) =>
			others.some(([, touches]) => touches.has(id)) ? { ...touch, changed: null } : touch,
		);
	};

	return {
		open: (marker, touches) => writes.set(marker, touches),
		rolledBack: (marker) => writes.delete(marker),
		committed: async (marker) => {
			try {
				await touchCaptured(ports, certain(marker));
				await session.call('markers.remove', [], ({ markers }) => markers.delete(marker));
			} finally {
				writes.delete(marker);
			}
		},
		recover: async (age) => {
			const orphans = await session.call('markers.select', [], ({ markers }) =>
				[...markers.values()].filter(({ id, createdAt }) => createdAt <= ports.clock.now() - age && !writes.has(id)),
			);
			if (orphans.length === 0) return;
			const floor = Math.min(...orphans.map((marker) => marker.floor));
			const activity = await session.call('activity.select', [], ({ activity }) =>
				activity.filter(({ id, user }) => id > floor && user === 'editor'),
			);
			await touchCaptured(
				ports,
				activity.map((each) => ({
					...suspectTouch(each, ports.clock.stamp()),
					created: each.action === 'create',
				})),
			);
			await session.call('markers.remove', [], ({ markers }) => {
				for (const { id } of orphans) markers.delete(id);
			});
		},
	};
}

/** Notes a written item, as the filters on activity and revision do. */
export function note(touches: Map<string, Touch>, touch: Touch): void {
	const id = itemId(touch.collection, touch.item);
	const before = touches.get(id);
	touches.set(id, {
		...touch,
		created: touch.created || (before?.created ?? false),
		...(before?.deleted && { deleted: true }),
		changed: [...(before?.changed ?? []), ...(touch.changed ?? [])],
	});
}
