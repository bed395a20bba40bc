import type { ApplyPort } from '../../../src/apply/port.ts';
import type { ItemsPort } from '../../../src/content/port.ts';
import type { ClockPort, LeasesPort } from '../../../src/directus/port.ts';
import type { FeedPort, RetentionPort } from '../../../src/feed/port.ts';
import type { FilesPort } from '../../../src/files/port.ts';
import type { CheckpointsPort } from '../../../src/link/port.ts';
import type { DeliveriesPort, NotifyPort } from '../../../src/push/port.ts';
import type { NodeId, Timestamp } from '../../../src/replication/timestamp.ts';
import type { SourcesPort } from '../../../src/sources/port.ts';
import type { TransportPort } from '../../../src/wire/port.ts';

/** All that a node's rooms need together, for tests that play a whole node. */
export type Ports = {
	node: NodeId;
	/** The stamp of everything that was there before Data Sync was. */
	baseline: Timestamp;
	feed: FeedPort;
	items: ItemsPort;
	sources: SourcesPort;
	checkpoints: CheckpointsPort;
	leases: LeasesPort;
	deliveries: DeliveriesPort;
	transport: TransportPort;
	files: FilesPort;
	notify: NotifyPort;
	retention: RetentionPort;
	clock: ClockPort;
	apply: ApplyPort;
};
