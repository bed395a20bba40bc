/** What noticing writes needs of this instance. */
import type { Knex } from 'knex';
import type { WatchDeps } from '../../feed/watch.ts';

export type CaptureDeps = WatchDeps & { database: Knex };
