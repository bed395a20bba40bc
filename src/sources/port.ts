import type { Remote } from '../wire/port.ts';
import type { Expansion } from './expand-listing.ts';
import type { Listing } from './listing.ts';

export type Source = Remote & {
	name: string;
	published: boolean;
	listing: Listing;
	/** Why the source can't be used as configured, or null. */
	configurationError: string | null;
	/** The same for the check, each by itself. */
	configurationFaults?: { url: string | null; listing: string | null };
	/** How the listing came about, for the check. */
	expansion?: Omit<Expansion, 'listing'>;
	/** Users to tell about outages. */
	usersNotification: string[];
};

export type SourcesPort = {
	/**
	 * All sources, whatever their status; read afresh.
	 * @param options.pastCache with the content model as the database has it now, which another process may have changed
	 *   without this one having been told; costs the reading of all of it
	 */
	list(options?: { pastCache?: boolean }): Promise<Source[]>;
	/** Shows the editor how the last push went. */
	report(id: string, report: { syncedAt?: number; error?: string | null }): Promise<void>;
};

export type SourcesDep = { sources: SourcesPort };
