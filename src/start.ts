/** The composition root: builds Data Sync on the context that Directus hands to an extension. One per process. */

import type { ApiExtensionContext } from '@directus/types';
import { PUSH_FLOW_ID } from '../schema.ts';
import { type ApplyQueue, createApplyQueue } from './apply/apply-queue.ts';
import { createApply } from './apply/directus/apply-transaction.ts';
import { tellConflicts } from './apply/directus/tell-conflicts.ts';
import type { ApplyPort } from './apply/port.ts';
import { type Captures, createCaptures } from './capture/directus/captures.ts';
import { recoverMarkers } from './capture/directus/markers.ts';
import { checkSource } from './check/check-source.ts';
import { createCheckOwn } from './check/directus/check-own.ts';
import { createCheckRemote } from './check/directus/check-remote.ts';
import type { CheckReport } from './check/report.ts';
import { createItems } from './content/directus/items.ts';
import type { ItemsPort } from './content/port.ts';
import { type Environment, readEnvironment } from './directus/environment.ts';
import { createLeases } from './directus/leases.ts';
import { readIdentity } from './directus/node-identity.ts';
import type { NodeState } from './directus/node-state.ts';
import { createNotifier } from './directus/notify.ts';
import { refreshPushers } from './directus/pushers.ts';
import { refreshSchema } from './directus/refresh-schema.ts';
import { withSchemaMemo } from './directus/schema-memo.ts';
import { createSystemClock } from './directus/system-clock.ts';
import { requireTables, TABLES } from './directus/tables.ts';
import { createCleaner } from './engine/clean.ts';
import { systemTimers } from './engine/directus/system-timers.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import type { ResyncDeps } from './engine/resync.ts';
import { startWorker, type Worker } from './engine/worker.ts';
import { createFeed } from './feed/directus/feed.ts';
import { createRetention } from './feed/directus/retention.ts';
import { startHashing } from './files/contents.ts';
import { createFilesReceiver, type FilesReceiver } from './files/files-receiver.ts';
import { createFiles } from './files/send.ts';
import { sweep } from './files/sweep.ts';
import { createCheckpoints } from './link/directus/checkpoints.ts';
import { createDeliveries } from './push/directus/deliveries.ts';
import { createSourceNotices } from './push/directus/source-notices.ts';
import type { PushSourceDeps } from './push/push-source.ts';
import { believableStamp } from './replication/clock.ts';
import { CONTENT, FILES } from './replication/file-content.ts';
import { createTimestamp, maxTimestamp, type NodeId, type Timestamp } from './replication/timestamp.ts';
import { createSources } from './sources/directus/sources.ts';
import { createFetch, createPut } from './wire/directus/network.ts';
import { createTransport } from './wire/directus/transport.ts';

/** Milliseconds. */
const DAY = 24 * 3_600_000;

/** What the entries use of this instance; each of the rooms names what it needs of it. */
type Senders = ResyncDeps & PushSourceDeps;

export type DataSync = {
	node: NodeId;
	environment: Environment;
	ports: Senders;
	/** The receiver's side, with the rights of a request. */
	applyAs(accountability: Parameters<typeof createApply>[1]): ApplyPort;
	/** Where batches wait for their turn. */
	applyQueue: ApplyQueue;
	files: FilesReceiver;
	engine: Engine;
	captures: Captures;
	worker: Worker;
	/** The preflight of a source, drafts included; null when there is no such source. */
	check(source: string): Promise<CheckReport | null>;
};

/** How long a remote may take to answer one request of a check: somebody is waiting. */
const CHECK_PATIENCE = 10_000;

let current: DataSync | null = null;

/** Directus can load extensions anew without a restart; then this code is a second copy, and the first still runs. */
const RUNNING = Symbol.for('directus-extension-data-sync');
const globals = globalThis as { [RUNNING]?: DataSync };

const stopPrevious = (): void => {
	globals[RUNNING]?.worker.stop();
	globals[RUNNING]?.captures.stop();
};

/** Null until setup has finished: the tables may not be there. */
export const dataSync = (): DataSync | null => current;

/** Builds everything and starts the worker. Rejects with a NotInstalledError when a table is missing. */
export async function startDataSync(extension: ApiExtensionContext): Promise<DataSync> {
	const context = withSchemaMemo(extension);
	stopPrevious();
	const environment = readEnvironment(context);
	await context.getSchema();
	await requireTables(context.database);
	await refreshPushers(context.database);
	const state = await readIdentity(context, environment);
	const latest = await latestStamp(context, state);
	current = build(context, { environment, state, latest, refresh: () => refreshSchema(extension) });
	globals[RUNNING] = current;
	return current;
}

type Parts = { environment: Environment; state: NodeState; latest: Timestamp | null; refresh: () => Promise<void> };

function build(context: ApiExtensionContext, { environment, state, latest, refresh }: Parts): DataSync {
	const { database, logger } = context;
	const clock = createSystemClock(state.node, latest);
	const ports = {
		node: state.node,
		baseline: createTimestamp({ millis: state.installedAt, counter: 0, writer: `${state.node}0000` }),
		clock,
		feed: createFeed(database, clock),
		items: createItems(context),
		sources: createSources(context, refresh),
		checkpoints: createCheckpoints(database),
		leases: createLeases(database),
		deliveries: createDeliveries(context),
		transport: createTransport(createFetch(environment.ipDenyList)),
		files: createFiles(context, createPut(environment.ipDenyList)),
		retention: createRetention(database),
		notify: createSourceNotices(createNotifier(context)),
	};
	const engine = createEngine(ports, { isAutomatic: () => isPushFlowActive(context) });
	const capturePorts = { database, ...ports };
	const captures: Captures = createCaptures(capturePorts, logger, {
		onTouched: () => worker.wakeSoon(),
		onUnheard: () => worker.forwardSoon(),
		onKept: () => worker.wakeLater(),
	});
	const cleaner = createCleaner(ports, environment.tombstoneDays * DAY);
	const chores = {
		retry: captures.retry,
		recover: (age: number) => recoverMarkers(capturePorts, captures.owned(), age),
		sweep: () => sweep(context),
		tell: () => tellConflicts(context, ports),
		sendAgain: (sources: string[]) => ports.deliveries.makeDue(sources),
		clean: () => cleaner.clean(),
	};
	const worker: Worker = startWorker({ timers: systemTimers, clock }, engine, chores, logger);
	startHashing(context, () => worker.wakeSoon());
	const checkPorts = {
		own: createCheckOwn(context, state.node),
		items: ports.items,
		remote: createCheckRemote(createFetch(environment.ipDenyList, CHECK_PATIENCE)),
	};
	return {
		node: state.node,
		environment,
		ports,
		applyAs: (accountability) => createApply(context, accountability, environment.files, captures.noteApplied),
		applyQueue: createApplyQueue(() => performance.now()),
		files: createFilesReceiver(context, environment.files, (files) => readContentsOf(ports.items, files)),
		engine,
		captures,
		worker,
		check: async (id) => {
			const source = (await ports.sources.list()).find((each) => each.id === id);
			return source ? checkSource(checkPorts, source) : null;
		},
	};
}

async function readContentsOf(items: ItemsPort, files: string[]): Promise<void> {
	const shape = await items.shape(FILES);
	if (shape) await items.read(shape, files, [CONTENT]);
}

/** The switch for everything that happens by itself. */
async function isPushFlowActive({ database }: ApiExtensionContext): Promise<boolean> {
	const flow = await database('directus_flows')
		.where({ id: PUSH_FLOW_ID })
		.first<{ status: string } | undefined>('status');
	return flow?.status === 'active';
}

/** A restart must not give out a stamp twice: touches may be later than the clock that was persisted. */
async function latestStamp({ database }: ApiExtensionContext, state: NodeState): Promise<Timestamp | null> {
	const row = await database(TABLES.changes).max({ touched: 'touched' }).first<{ touched: Timestamp | null }>();
	return believableStamp(maxTimestamp(row?.touched ?? null, state.clock), Date.now());
}
