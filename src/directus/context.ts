/** The composition root: builds Data Sync on the context that Directus hands to an extension. One per process. */
import type { ApiExtensionContext } from '@directus/types';
import { PUSH_FLOW_ID } from '../../schema.ts';
import { checkSource } from '../delivery/check/check.ts';
import type { CheckReport } from '../delivery/check/report.ts';
import { createCleaner } from '../delivery/clean.ts';
import { createEngine, type Engine } from '../delivery/engine.ts';
import type { ApplyPort, SenderPorts } from '../delivery/ports.ts';
import { createTimestamp, maxTimestamp, type NodeId, type Timestamp } from '../replication/timestamp.ts';
import { createApply } from './apply.ts';
import { type Captures, createCaptures } from './captures.ts';
import { createCheckOwn } from './check/own.ts';
import { createCheckRemote } from './check/remote.ts';
import { createCheckpoints } from './checkpoints.ts';
import { tellConflicts } from './conflicts/tell.ts';
import { createDeliveries } from './deliveries.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { createFeed } from './feed/index.ts';
import { startHashing } from './files/contents.ts';
import { createFilesReceiver, type FilesReceiver } from './files/index.ts';
import { sweep } from './files/sweep.ts';
import { createFiles } from './files/upload.ts';
import { readIdentity } from './identity.ts';
import { createItems } from './items.ts';
import { recoverMarkers } from './markers.ts';
import { createFetch, createPut } from './network.ts';
import { createNotifier } from './notify.ts';
import { createRetention } from './retention/index.ts';
import { withSchemaMemo } from './schema-memo.ts';
import { createSourceNotices } from './source-notices.ts';
import { createSources } from './sources.ts';
import type { NodeState } from './state.ts';
import { createSystemClock } from './system-clock.ts';
import { TABLES } from './tables.ts';
import { createTransport } from './transport.ts';
import { startWorker, type Worker } from './worker.ts';

/** Milliseconds. */
const DAY = 24 * 3_600_000;

export type DataSync = {
	node: NodeId;
	environment: Environment;
	ports: SenderPorts;
	/** The receiver's side, with the rights of a request. */
	applyAs(accountability: Parameters<typeof createApply>[1]): ApplyPort;
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
	const state = await readIdentity(context, environment);
	current = build(context, environment, state, await latestStamp(context, state));
	globals[RUNNING] = current;
	return current;
}

function build(
	context: ApiExtensionContext,
	environment: Environment,
	state: NodeState,
	latest: Timestamp | null,
): DataSync {
	const { database, logger } = context;
	const clock = createSystemClock(state.node, latest);
	const ports = {
		node: state.node,
		baseline: createTimestamp({ millis: state.installedAt, counter: 0, writer: `${state.node}0000` }),
		clock,
		feed: createFeed(database, clock),
		items: createItems(context),
		sources: createSources(context),
		checkpoints: createCheckpoints(database),
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
	const worker: Worker = startWorker(engine, chores, logger);
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
		files: createFilesReceiver(context, environment.files, ports.items),
		engine,
		captures,
		worker,
		check: async (id) => {
			const source = (await ports.sources.list()).find((each) => each.id === id);
			return source ? checkSource(checkPorts, source) : null;
		},
	};
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
	return maxTimestamp(row?.touched ?? null, state.clock);
}
