/** All ports of one process in memory, on its node's database. */
import type { ClockPort } from '../../../src/directus/port.ts';
import type { FilesPort } from '../../../src/files/port.ts';
import type { NotifyPort } from '../../../src/push/port.ts';
import { createTimestamp } from '../../../src/replication/timestamp.ts';
import type { SourcesPort } from '../../../src/sources/port.ts';
import type { TransportPort } from '../../../src/wire/port.ts';
import type { Ports } from '../../support/memory/ports.ts';
import { createMemoryApply, type Rule } from './apply.ts';
import { createMemoryCheckpoints } from './checkpoints.ts';
import { createMemoryDeliveries } from './deliveries.ts';
import { createMemoryFeed } from './feed.ts';
import { createMemoryItems } from './items.ts';
import { createMemoryLeases } from './leases.ts';
import { createMemoryRetention } from './retention.ts';
import type { Session } from './session.ts';

export type MemoryPortsOptions = {
	session: Session;
	clock: ClockPort;
	transport: TransportPort;
	notify?: NotifyPort;
	rules?: Rule[];
	files?: FilesPort;
};

export function createMemoryPorts({
	session,
	clock,
	transport,
	notify = SILENT,
	rules,
	files = NO_FILES,
}: MemoryPortsOptions): Ports {
	return {
		node: session.store.data.node,
		baseline: createTimestamp({ millis: 1, counter: 0, writer: `${session.store.data.node}0000` }),
		clock,
		feed: createMemoryFeed(session, clock),
		items: createMemoryItems(session),
		sources: createMemorySources(session),
		checkpoints: createMemoryCheckpoints(session),
		leases: createMemoryLeases(session, clock),
		deliveries: createMemoryDeliveries(session, clock),
		apply: createMemoryApply(session, rules),
		retention: createMemoryRetention(session),
		transport,
		files,
		notify,
	};
}

export const NO_FILES: FilesPort = { upload: () => Promise.reject(new Error('there are no files')) };

export const SILENT: NotifyPort = {
	outage: async () => {},
	recovered: async () => {},
	refused: async () => {},
	leftOut: async () => {},
	incomplete: async () => {},
};

const createMemorySources = (session: Session): SourcesPort => ({
	list: () => session.call('sources.list', [], ({ sources }) => [...sources]),
	report: (id, report) =>
		session.call('sources.report', [], ({ reports }) => {
			reports.set(id, { ...reports.get(id), ...report });
		}),
});
