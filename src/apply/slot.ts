/** An incoming change beside what this node has of its item. */

import type { CollectionShape } from '../content/port.ts';
import { type Change, itemId } from '../replication/change.ts';
import type { ChangeResult } from '../wire/result.ts';
import type { LockedItem } from './port.ts';

export type Slot = {
	/** With the users that this node knows. */
	change: Change;
	/** The change as it came, where it may differ. */
	sent?: Change;
	shape: CollectionShape | null;
	locked: LockedItem | null;
	/** Why the item can't even be looked for. */
	refused?: ChangeResult | undefined;
};

export const slotId = ({ change }: Slot): string => itemId(change.collection, change.item);
