/**
 * A singleton is one item, the same on every node, whatever key its row has there. So it goes by one name in the feed and
 * on the wire, and so do references to it; the ports put each node's own key in its place.
 */
import type { CollectionShape } from './port.ts';

export const SINGLETON = '$singleton';

/** Whether an item of this collection can go by that name. It can't where only one of two nodes has a singleton. */
export const isNameIn = ({ isSingleton }: CollectionShape, item: string): boolean =>
	(item === SINGLETON) === (isSingleton === true);

/** How a sentence calls an item. */
export const nameOf = ({ collection, item }: { collection: string; item: string }): string =>
	item === SINGLETON ? collection : `${collection} ${item}`;
