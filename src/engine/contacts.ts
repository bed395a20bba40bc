/** When other nodes last contacted us. Kept in memory: what is lost with it only costs time. */
import type { NodeId } from '../replication/timestamp.ts';

/** How often it is looked whether a node that contacts us is waited for, in milliseconds. */
const LOOK = 1_000;

export type Contacts = {
	/**
	 * A node has contacted us at `now`. Whether to look now which sources that concerns: at most once in a while,
	 * unless the node has come to compare memories.
	 */
	heard(node: NodeId, now: number, compares: boolean): boolean;
	/** When a node last contacted us; null: never. */
	heardAt(node: NodeId | null): number | null;
};

export function createContacts(): Contacts {
	const contacts = new Map<NodeId, { heardAt: number; lookedAt: number }>();

	return {
		heard: (node, now, compares) => {
			const lookedAt = contacts.get(node)?.lookedAt ?? Number.NEGATIVE_INFINITY;
			const looks = compares || now - lookedAt >= LOOK;
			contacts.set(node, { heardAt: now, lookedAt: looks ? now : lookedAt });
			return looks;
		},
		heardAt: (node) => (node === null ? undefined : contacts.get(node))?.heardAt ?? null,
	};
}
