/**
 * The two Flows with their one operation each. A Flow that exists stays as it is: renamed, reordered, switched off,
 * with operations before or after ours. Only one that leads nowhere gets its operation (again).
 */
import type { ApiExtensionContext } from '@directus/types';
import { FLOWS, type FlowDefinition } from '../../schema.ts';
import { isLimitExceeded } from './limits.ts';
import type { Created, Missing } from './missing.ts';

/** The Flows that are missing, or that have no first operation. */
export async function missingFlows(context: ApiExtensionContext): Promise<Missing[]> {
	const ids = FLOWS.map(({ id }) => id);
	const flows = await flowsService(context);
	const present = await flows.readByQuery({ filter: { id: { _in: ids } }, fields: ['id', 'operation'], limit: -1 });

	return FLOWS.flatMap((definition) => {
		const flow = present.find(({ id }) => id === definition.id);
		if (flow?.operation) return [];
		const create = flow ? () => giveOperation(context, definition) : () => createFlow(context, definition);
		return [{ name: `Flow "${definition.name}"`, create }];
	});
}

/** The plan limits active Flows only: one too many is created inactive, for the admin to choose. */
async function createFlow(context: ApiExtensionContext, definition: FlowDefinition): Promise<Created | undefined> {
	const { operation: _operation, ...flow } = structuredClone(definition);
	const flows = await flowsService(context);
	let created: Created | undefined;

	try {
		await flows.createOne(flow);
	} catch (error) {
		if (!isLimitExceeded(error)) throw error;
		await flows.createOne({ ...flow, status: 'inactive' });
		created = { inactive: true };
	}

	await giveOperation(context, definition);
	return created;
}

async function giveOperation(context: ApiExtensionContext, { id, operation }: FlowDefinition): Promise<undefined> {
	const { OperationsService } = context.services;
	const operations = new OperationsService({ knex: context.database, schema: await context.getSchema() });
	const query = { filter: { id: { _eq: operation.id } }, fields: ['id'], limit: 1 };
	const present = await operations.readByQuery(query);

	if (present.length === 0) await operations.createOne({ ...structuredClone(operation), flow: id });
	await (await flowsService(context)).updateOne(id, { operation: operation.id });
}

async function flowsService({ services, database, getSchema }: ApiExtensionContext) {
	return new services.FlowsService({ knex: database, schema: await getSchema() });
}
