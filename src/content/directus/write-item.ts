/**
 * Writes one item through Directus' service, and then past it what the service would not store as it is given: hashes, which
 * it hashes again, and who wrote and when, which it sets by itself. All in the caller's transaction.
 */
import type { Accountability, ApiExtensionContext, SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';
import { dialectOf } from '../../directus/dialects/index.ts';
import type { EmitLater } from '../../directus/emitting-transaction.ts';
import type { Json } from '../../replication/digest.ts';
import { Refusal } from '../../wire/refusal.ts';
import type { CollectionShape, ItemWrite, SetOn, Values } from '../port.ts';
import { SINGLETON } from '../singleton.ts';
import { createSingletons, newSingletonKey, singletonKey, singletonReferences } from './singleton-rows.ts';
import { toRefusal } from './to-refusal.ts';
import { isUuid, type Key, toKey } from './to-shape.ts';

export type WriteItemContext = {
	services: ApiExtensionContext['services'];
	schema: SchemaOverview;
	knex: Knex;
	/** The Data Sync user's: its rights decide. */
	accountability: Accountability;
	emitLater: EmitLater;
};

type FieldWrite = Extract<ItemWrite, { values: Values }>;

/** Rejects with a Refusal, or with whatever is not about this item. */
export async function writeItem(context: WriteItemContext, shape: CollectionShape, write: ItemWrite): Promise<void> {
	const key = await findKey(context, shape, write);
	const { services, schema, knex, accountability, emitLater } = context;
	const service = new services.ItemsService(shape.collection, { knex, schema, accountability });
	const options = { bypassLimits: true, bypassEmitAction: emitLater, autoPurgeCache: false as const };
	const refuse = (error: unknown): never => {
		throw toRefusal(error, write);
	};

	if (write.kind === 'delete') {
		if (key !== null) await service.deleteMany([key], options).catch(refuse);
		return;
	}

	const exact = exactValues(shape, write);
	const defaults = unanimousDefaults(shape, write, exact, accountability);
	const values = forService(context, shape, await withKeys(context, shape, key, write.values));
	const overwriteDefaults = defaults && { overwriteDefaults: defaults.options };

	let written = key;

	if (write.kind === 'update') {
		if (key === null) throw toRefusal(new TypeError(`there is no item in ${shape.collection}`), write);
		await service.updateMany([key], values, { ...options, ...overwriteDefaults } as typeof options).catch(refuse);
	} else {
		const advanceSequence = shape.keyIsCounted ? dialectOf(knex).advanceSequence : null;
		const bypassAutoIncrementSequenceReset = advanceSequence !== null;
		const creation = { ...options, ...overwriteDefaults, bypassAutoIncrementSequenceReset };
		const keyed = key === null ? values : { ...values, [shape.primaryKey]: key };
		written = await service.createOne(keyed, creation as typeof options).catch(refuse);
		if (key !== null) await advanceSequence?.(knex, { table: shape.collection, primaryKey: shape.primaryKey, key });
	}

	for (const field of defaults?.settled ?? []) exact.delete(field);
	if (exact.size > 0 && written !== null) await storeExactly(context, shape, write, written, Object.fromEntries(exact));
}

/** Null for a singleton's row that is not there, or is to get a key that somebody else makes. Rejects with a Refusal. */
async function findKey(
	{ knex, schema }: WriteItemContext,
	shape: CollectionShape,
	write: ItemWrite,
): Promise<Key | null> {
	if (shape.isSingleton) return write.kind === 'create' ? newSingletonKey(schema, shape) : singletonKey(knex, shape);
	const key = toKey(shape, write.item);
	if (key === null) throw toRefusal(new TypeError(whyNoKey(shape, write.item)), write);
	return key;
}

/** The values with this node's keys of singletons. A column that names a collection may stay what it is in the row. */
async function withKeys(
	{ knex, schema }: WriteItemContext,
	shape: CollectionShape,
	key: Key | null,
	values: Values,
): Promise<Values> {
	const named = singletonReferences(schema, shape, Object.keys(values)).filter(
		({ field }) => values[field] === SINGLETON,
	);
	if (named.length === 0) return values;
	const columns = named.flatMap(({ by }) => by ?? []).filter((by) => !Object.hasOwn(values, by));
	const row =
		columns.length > 0 && key !== null ? await knex(shape.collection).where(shape.primaryKey, key).first(columns) : {};
	const keyed = await createSingletons(knex, schema, named).toKeys({ ...row, ...values });
	return Object.fromEntries(Object.keys(values).map((field) => [field, keyed[field] ?? null]));
}

const whyNoKey = ({ keyType, keyIsCaseless }: CollectionShape, item: string): string =>
	keyType === 'uuid' && keyIsCaseless && isUuid(item)
		? 'its database keeps UUID keys in lower case only, and this one has capital letters'
		: `${item} is no ${keyType} key`;

/** The values that the service would change: what it sets by itself on such a write, and hashes. */
function exactValues(shape: CollectionShape, { kind, values, keep }: FieldWrite): Map<string, Json> {
	return new Map(
		Object.entries({ ...values, ...keep }).filter(([field, value]) => {
			const known = shape.fields.get(field);
			return known?.setOn?.kind === kind || (known?.type === 'hash' && typeof value === 'string' && value !== '');
		}),
	);
}

/**
 * Directus has an option for what it sets by itself, one value for all such fields of the item. It is used where that is
 * enough, since revisions then hold the right values too.
 */
function unanimousDefaults(
	shape: CollectionShape,
	{ kind }: FieldWrite,
	exact: ReadonlyMap<string, Json>,
	accountability: Accountability,
): { options: { _user: Json; _date: Json }; settled: string[] } | null {
	const unanimous = (to: SetOn['to'], fits: (type: string) => boolean) => {
		const set = [...shape.fields].filter(([, { setOn }]) => setOn?.kind === kind && setOn.to === to);
		const value = set[0] && exact.get(set[0][0]);
		const isOne = set.every(([field, { type }]) => exact.get(field) === value && fits(type));
		return value && isOne ? { value, settled: set.map(([field]) => field) } : null;
	};
	const user = unanimous('user', () => true);
	const date = unanimous('date', (type) => type === 'timestamp');
	if (user === null && date === null) return null;
	return {
		options: { _user: user?.value ?? accountability.user, _date: date?.value ?? new Date().toISOString() },
		settled: [...(user?.settled ?? []), ...(date?.settled ?? [])],
	};
}

/**
 * Values as the service stores them rightly: it takes text for JSON that is encoded already. A hash is left out where no
 * rule looks at it: hashing it again would cost a good part of a second each, for nothing.
 */
function forService({ schema }: WriteItemContext, shape: CollectionShape, values: Values): Record<string, Json> {
	const overview = schema.collections[shape.collection]?.fields ?? {};
	return Object.fromEntries(
		Object.entries(values).map(([field, value]) => {
			const type = shape.fields.get(field)?.type;
			if (type === 'json' && value !== null && typeof value !== 'object') return [field, JSON.stringify(value)];
			if (type === 'hash' && value !== null && !overview[field]?.validation) return [field, ''];
			return [field, value];
		}),
	);
}

/** Converted as a service would, by a schema that knows no specials. No message of ours or the driver's tells a value. */
async function storeExactly(
	{ services, schema, knex }: WriteItemContext,
	shape: CollectionShape,
	write: ItemWrite,
	key: Key,
	values: Values,
): Promise<void> {
	const overview = schema.collections[shape.collection];
	if (!overview) return;
	const fields = Object.fromEntries(
		Object.entries(overview.fields).map(([name, field]) => [name, { ...field, special: [] }]),
	);
	const plain = { ...schema, collections: { ...schema.collections, [shape.collection]: { ...overview, fields } } };
	const payloads = new services.PayloadService(shape.collection, { knex, schema: plain, accountability: null });
	const row = await payloads.processValues('update', { ...values });

	await knex(shape.collection)
		.where(shape.primaryKey, key)
		.update(row)
		.catch((error: unknown) => {
			const refusal = toRefusal(error, write);
			if (refusal instanceof Refusal) throw refusal;
			const names = Object.keys(values).join(', ');
			const { code } = (error ?? {}) as { code?: unknown };
			throw Object.assign(new Error(`${names} of ${write.collection} ${write.item} could not be stored`), { code });
		});
}
