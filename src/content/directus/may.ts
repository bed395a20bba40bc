/**
 * Asks Directus what a user may do in a collection or with one of its items, where nothing is written that would ask for it.
 * `PermissionsService` tells that of updating and deleting. Whether a user may create, only a creation tells: it is tried
 * and taken back.
 */
import { isDirectusError } from '@directus/errors';
import type { Accountability, ApiExtensionContext, SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';
import type { CollectionShape, ItemAction } from '../port.ts';
import { type Key, toKey } from './to-shape.ts';

type Asker = {
	services: ApiExtensionContext['services'];
	schema: SchemaOverview;
	knex: Knex;
	accountability: Accountability;
};

/** @param key of an item that exists, whose rules count then; null for the collection */
export async function may(asker: Asker, shape: CollectionShape, action: ItemAction, key: Key | null): Promise<boolean> {
	if (action === 'create') return mayCreate(asker, shape);
	return mayChange(asker, shape.collection, action, key);
}

/** The same without a shape, which system collections don't have. */
export async function mayChange(
	{ services, ...options }: Asker,
	collection: string,
	action: Exclude<ItemAction, 'create'>,
	key: Key | null,
): Promise<boolean> {
	const service = new services.PermissionsService(options);
	const { update, delete: remove } = await service.getItemPermissions(collection, key as string | undefined);
	return (action === 'update' ? update : remove).access;
}

/** No event tells of it, and nothing is counted up by it. */
async function mayCreate({ services, ...options }: Asker, shape: CollectionShape): Promise<boolean> {
	const key = toKey(shape, shape.keyType === 'uuid' ? crypto.randomUUID() : '-1');
	const item = shape.isSingleton || key === null ? {} : { [shape.primaryKey]: key };
	let isAllowed = true;

	await options.knex
		.transaction(async (trial) => {
			const service = new services.ItemsService(shape.collection, { ...options, knex: trial });
			const silently = { emitEvents: false, skipTracking: true, bypassLimits: true, autoPurgeCache: false as const };
			const counting = { bypassAutoIncrementSequenceReset: true };
			await service.createOne(item, { ...silently, ...counting } as typeof silently);
			throw TRIED;
		})
		.catch((error: unknown) => {
			isAllowed = !isDirectusError(error, 'FORBIDDEN');
		});
	return isAllowed;
}

const TRIED = new Error('this was a trial');
