/**
 * Writes an item of `directus_files` in apply's transaction. Its bytes are staged by then, under a name of their own, and the
 * row is pointed to them: so a crash leaves the old file or the new one. What no row points to is removed later.
 */
import type { Accountability, ApiExtensionContext, SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';
import type { EmitLater } from '../../directus/emitting-transaction.ts';
import type { FileSettings } from '../../directus/environment.ts';
import { findAsset } from '../../files/assets.ts';
import { readContents, rememberHash } from '../../files/contents.ts';
import { checkLimits } from '../../files/file-limits.ts';
import { findObject, forgetStaged, noteObsolete, type Place } from '../../files/objects.ts';
import { CONTENT, type Content, FILES, readContent } from '../../replication/file-content.ts';
import { Refusal } from '../../wire/refusal.ts';
import type { CollectionShape, ItemWrite, Values } from '../port.ts';
import { toKey } from './to-shape.ts';

export type WriteFileContext = {
	services: ApiExtensionContext['services'];
	schema: SchemaOverview;
	knex: Knex;
	accountability: Accountability;
	emitLater: EmitLater;
	/** Not the transaction: for those who hear of it afterwards. */
	database: Knex;
	files: FileSettings;
};

type Kind = 'create' | 'update';

/** Rejects with a Refusal, whose outcome is `wanted` when the row is fine and only its bytes are missing. */
export async function writeFile(
	context: WriteFileContext,
	shape: CollectionShape,
	{ item, kind, values }: ItemWrite,
): Promise<void> {
	if (toKey(shape, item) === null) throw new TypeError(`${item} is no ${shape.keyType} key`);
	if (kind === 'delete') return deleteFile(context, item);
	const { [CONTENT]: told, ...rest } = values;
	const content = told === undefined ? null : readContent(told);
	if (content === undefined) throw new TypeError(`its ${CONTENT} is malformed`);

	// A file that has lost its bytes elsewhere keeps them here.
	if (content === null) return writeRow(context, item, kind, rest);
	if (kind === 'update' && (await hasContent(context, item, content))) {
		await writeRow(context, item, kind, rest);
		return writeOwn(context, item, factsOf(content));
	}

	const staged = await findObject(context.knex, item, content.hash, 'staged');
	if (staged?.storage && staged.filename_disk) {
		const place = { storage: staged.storage, filename_disk: staged.filename_disk };
		if (await takeStaged(context, item, kind, rest, content, place)) return;
	}

	checkLimits(item, content, context.files);
	await tryOnly(context, (trial) => writeRow(trial, item, kind, rest, { isUpload: true }));
	throw new Refusal('wanted', 'missing_file', `The remote asks for the bytes of the file ${item}.`);
}

async function hasContent(
	{ services, schema, knex }: WriteFileContext,
	item: string,
	{ hash }: Content,
): Promise<boolean> {
	const contents = await readContents({ services }, schema, knex, [item]);
	const current = contents.get(item);
	if (current !== undefined) return current?.hash === hash;
	throw new Refusal(
		'pending',
		'missing_file',
		`The file ${item} is being uploaded or compared on the remote at this moment. It is tried again by itself.`,
	);
}

/** False when the staged object has got lost: an upload to the same file removes whatever bears its name. */
async function takeStaged(
	context: WriteFileContext,
	item: string,
	kind: Kind,
	values: Values,
	content: Content,
	place: Place,
): Promise<boolean> {
	const { services, schema, knex, database, accountability, emitLater } = context;
	const before = await placeOf(knex, item);
	const own = { ...factsOf(content), ...place, filesize: content.size, uploaded_on: new Date().toISOString() };
	const payload = { ...values, ...own };

	const isThere = await unless(LOST, knex, async (savepoint) => {
		const writing = { ...context, knex: savepoint };
		await writeRow(writing, item, kind, values, { isUpload: true });
		await writeOwn(writing, item, own);
		const asset = await findAsset({ services }, schema, savepoint, item);
		if (asset?.size !== content.size) throw LOST;
	});
	if (!isThere) return false;

	await rememberHash({ services }, schema, knex, item, content.hash);
	await forgetStaged(knex, item, content.hash, place);
	if (before) await noteObsolete(knex, item, before);
	emitLater({
		event: 'files.upload',
		meta: { payload, key: item, collection: FILES },
		context: { database, schema, accountability },
	});
	return true;
}

const LOST = new Error('the staged object is not there');

/**
 * Writes what is content, as the user, whose policy needs to name nothing else. Like a Directus upload, one of bytes tells no
 * events of the row's creation or update.
 */
async function writeRow(
	context: WriteFileContext,
	item: string,
	kind: Kind,
	values: Values,
	{ isUpload = false } = {},
): Promise<void> {
	const { services, schema, knex, accountability, emitLater, files } = context;
	const options = {
		bypassLimits: true,
		bypassEmitAction: emitLater,
		autoPurgeCache: false as const,
		emitEvents: !isUpload,
	};
	if (kind === 'update') {
		const service = new services.ItemsService(FILES, { knex, schema, accountability });
		await service.updateMany([item], values, options);
		return;
	}

	const filled = { storage: files.location, filename_download: item };
	const missing = Object.entries(filled).filter(([column]) => !Object.hasOwn(values, column));
	const filling = withFilled(
		schema,
		missing.map(([column]) => column),
	);
	const service = new services.ItemsService(FILES, { knex, schema: filling, accountability });
	await service.createOne({ ...values, id: item }, options);
	await writeOwn(context, item, Object.fromEntries(missing));
}

/** A schema in which Directus fills columns of files by itself that must not be empty, so that no user has to. */
function withFilled(schema: SchemaOverview, columns: string[]): SchemaOverview {
	const overview = schema.collections[FILES];
	if (!overview) return schema;
	const fields = Object.fromEntries(
		Object.entries(overview.fields).map(([name, field]) => [
			name,
			columns.includes(name) ? { ...field, special: ['uuid'] } : field,
		]),
	);
	return { ...schema, collections: { ...schema.collections, [FILES]: { ...overview, fields } } };
}

/** Where the bytes are and what they are is this instance's own affair: no user has to be permitted to write it, or is. */
async function writeOwn({ services, schema, knex }: WriteFileContext, item: string, own: Values): Promise<void> {
	const service = new services.ItemsService(FILES, { knex, schema, accountability: null });
	await service.updateMany([item], own, { emitEvents: false, bypassLimits: true, autoPurgeCache: false });
}

async function deleteFile(
	{ services, schema, knex, accountability, emitLater }: WriteFileContext,
	item: string,
): Promise<void> {
	const place = await placeOf(knex, item);
	const service = new services.ItemsService(FILES, { knex, schema, accountability });
	await service.deleteMany([item], { bypassLimits: true, bypassEmitAction: emitLater, autoPurgeCache: false });
	if (place) await noteObsolete(knex, item, place);
}

async function placeOf(knex: Knex, item: string): Promise<Place | null> {
	const row = await knex(FILES)
		.where({ id: item })
		.first<{ storage: string | null; filename_disk: string | null } | undefined>('storage', 'filename_disk');
	return row?.storage && row.filename_disk ? { storage: row.storage, filename_disk: row.filename_disk } : null;
}

/** Does it, to see whether it can be done, and takes it back. */
async function tryOnly(context: WriteFileContext, write: (trial: WriteFileContext) => Promise<void>): Promise<void> {
	await unless(TRIED, context.knex, async (savepoint) => {
		await write({ ...context, knex: savepoint, emitLater: () => {} });
		throw TRIED;
	});
}

const TRIED = new Error('this was a trial');

/** Runs a part in a savepoint; when that ends with the given error it is taken back, and the answer is false. */
async function unless(end: Error, knex: Knex, run: (savepoint: Knex.Transaction) => Promise<void>): Promise<boolean> {
	try {
		await knex.transaction(run);
		return true;
	} catch (error) {
		if (error === end) return false;
		throw error;
	}
}

const factsOf = ({ type, width, height, duration }: Content): Values => ({ type, width, height, duration });
