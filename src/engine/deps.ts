import type { ApplyPort } from '../apply/port.ts';
import type { ItemsPort } from '../content/port.ts';
import type { ClockPort } from '../directus/port.ts';
import type { FeedPort, RetentionPort } from '../feed/port.ts';
import type { FilesPort } from '../files/port.ts';
import type { CheckpointsPort } from '../link/port.ts';
import type { DeliveriesPort, NotifyPort } from '../push/port.ts';
import type { NodeId, Timestamp } from '../replication/timestamp.ts';
import type { SourcesPort } from '../sources/port.ts';
import type { TransportPort } from '../wire/port.ts';

/** What settling and pushing needs; applying needs the rights of a request on top. */
export type SenderPorts = {
	node: NodeId;
	/** The stamp of everything that was there before Data Sync was. */
	baseline: Timestamp;
	feed: FeedPort;
	items: ItemsPort;
	sources: SourcesPort;
	checkpoints: CheckpointsPort;
	deliveries: DeliveriesPort;
	transport: TransportPort;
	files: FilesPort;
	notify: NotifyPort;
	retention: RetentionPort;
	clock: ClockPort;
};

export type Ports = SenderPorts & { apply: ApplyPort };
