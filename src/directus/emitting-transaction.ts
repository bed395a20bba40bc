/**
 * Runs work in one database transaction and lets Directus emit the action events of that work after the commit.
 *
 * An extension can't reach Directus' main emitter, and events of services that join a transaction fire inside it, before
 * the data can be read by others. But `ItemsService.createMany` collects the events of its `createOne` calls and emits
 * them once its transaction has committed. So we let it create one item, and do our work in place of that.
 */
import type { Accountability, ActionEventParams, ApiExtensionContext, SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';

export type EmitLater = (event: ActionEventParams) => void;

/**
 * @param collection any collection that exists; its cache is the one that is cleared afterwards
 * @param run gets the transaction, and what to pass to services as `bypassEmitAction`. May run again when the database
 *   reports a deadlock.
 */
export async function runEmittingAfterCommit<T>(
	{ services, database }: Pick<ApiExtensionContext, 'services' | 'database'>,
	schema: SchemaOverview,
	accountability: Accountability | null,
	collection: string,
	run: (transaction: Knex.Transaction, emitLater: EmitLater) => Promise<T>,
): Promise<T> {
	const result: { value?: T } = {};
	const ItemsService = services.ItemsService as unknown as ForkingService;

	class WorkService extends ItemsService {
		override fork({ knex }: { knex: Knex.Transaction }) {
			return {
				createOne: async (_item: object, { bypassEmitAction }: { bypassEmitAction: EmitLater }) => {
					result.value = await run(knex, bypassEmitAction);
					return 0;
				},
			};
		}
	}

	await new WorkService(collection, { knex: database, schema, accountability }).createMany([{}], {
		bypassLimits: true,
	});
	return result.value as T;
}

/** What `ItemsService` has, but its published type does not tell: `createMany` works on a fork. */
type ForkingService = new (
	...options: ConstructorParameters<ApiExtensionContext['services']['ItemsService']>
) => InstanceType<ApiExtensionContext['services']['ItemsService']> & { fork(options: { knex: Knex }): object };
