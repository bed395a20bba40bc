/**
 * Who runs the Flow, and what they may have sent again. Directus asks of whoever runs a manual Flow only that they may read
 * the collection; sending costs the remotes and overrides what has been paused, so here it takes a permission to change.
 */
import type { Accountability, ApiExtensionContext, FlowRaw, OperationContext, SchemaOverview } from '@directus/types';
import { SOURCES } from '../../../schema.ts';
import { mayChange } from '../../content/directus/may.ts';
import type { SourceReport } from '../../engine/source-report.ts';
import { NotPermittedError } from './operation-errors.ts';

/** @param items null: all of the collection */
export type Named = { collection: string; items: string[] | null };

export type Asker = {
	/** Whether what is paused after a failure is tried at once for them. */
	mayForce: boolean;
	/** Rejects with a NotPermittedError where they may not have these items sent again. */
	permit(named: Named): Promise<void>;
	/** Leaves of the reports what they may read. */
	show(reports: SourceReport[]): Promise<SourceReport[]>;
};

/** Flows that fire by themselves do what their builder has set up, whoever's edit it was that they heard of. */
const BY_THEMSELVES: readonly string[] = ['event', 'schedule'];

const ANYBODY: Asker = { mayForce: true, permit: async () => undefined, show: async (reports) => reports };

type Context = OperationContext & Partial<ApiExtensionContext> & { flow?: FlowRaw };

export async function readAsker(context: OperationContext): Promise<Asker> {
	const { accountability, flow, services, database, getSchema } = context as Context;
	if (!accountability || accountability.admin || BY_THEMSELVES.includes(flow?.trigger ?? '')) return ANYBODY;
	if (!services || !database || !getSchema) throw new NotPermittedError({ reason: 'Sync to remotes: nobody is known' });
	return createAsker({ services, schema: await getSchema(), knex: database, accountability });
}

type Options = {
	services: ApiExtensionContext['services'];
	schema: SchemaOverview;
	knex: ApiExtensionContext['database'];
	accountability: Accountability;
};

async function createAsker(options: Options): Promise<Asker> {
	const isSignedIn = options.accountability.user !== null;
	const mayUpdate = async (collection: string, item: string | null): Promise<boolean> =>
		isSignedIn && (await mayChange(options, collection, 'update', item));
	const mayUpdateSources = await mayUpdate(SOURCES, null);

	return {
		mayForce: mayUpdateSources,
		permit: async ({ collection, items }) => {
			if (items === null && !mayUpdateSources) {
				throw new NotPermittedError({
					reason:
						'Sync to remotes: sending everything again takes the permission to update the remote sources. Select the items that are to be sent again',
				});
			}
			for (const item of items ?? []) {
				if (await mayUpdate(collection, item)) continue;
				throw new NotPermittedError({
					reason: `Sync to remotes: sending ${collection} ${item} again takes the permission to update it`,
				});
			}
		},
		show: async (reports) => {
			const visible = await readVisible(options);
			return reports.flatMap((report) => {
				const source = visible.get(report.source);
				if (!source) return [];
				const { name, error, ...rest } = report;
				return [
					{ ...rest, name: 'name' in source ? name : report.source, error: 'last_error' in source ? error : null },
				];
			});
		},
	};
}

/** The sources that they may read, each in the fields that they may read. */
async function readVisible({ services, ...options }: Options): Promise<Map<string, Record<string, unknown>>> {
	try {
		const found = await new services.ItemsService(SOURCES, options).readByQuery({ fields: ['*'], limit: -1 });
		return new Map(found.map((source) => [String(source.id), source]));
	} catch {
		return new Map();
	}
}
