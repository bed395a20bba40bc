/**
 * The one shape of everything setup knows: a part looks at the database and names what is missing, each with the way
 * to create it. What exists is never looked into, so nothing an admin has changed can be undone here.
 */
import type { ApiExtensionContext } from '@directus/types';

export type Missing = {
	/** For the log and to find it again: "table data_sync_state", "Flow "Data Sync: resync"". */
	name: string;
	/** May run into another process that creates the same; the caller looks again whether it is still missing. */
	create(): Promise<Created | undefined>;
};

/** Created, yet not as it should be: the plan allows no more active Flows. */
export type Created = { inactive: true };

export type Part = (context: ApiExtensionContext) => Promise<Missing[]>;
