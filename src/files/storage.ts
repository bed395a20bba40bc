/**
 * Writes and removes objects of the storage by Directus' `FilesService`, without a row of `directus_files` that anybody
 * could see: extensions can't reach the storage itself.
 */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ApiExtensionContext, SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';
import { FILES } from '../replication/file-content.ts';
import { UNKNOWN_TYPE } from './file-limits.ts';
import type { Place } from './objects.ts';

type Services = Pick<ApiExtensionContext, 'services'>;

/** Nobody listens to events of that name: what goes on here is no file's creation or deletion. */
const SILENT = 'data-sync.objects';

/** Streams bytes into an object. Rejects when the stream or the storage fails; then nothing of it is left. */
export async function writeObject(
	{ services }: Services,
	schema: SchemaOverview,
	knex: Knex,
	place: Place,
	type: string | null,
	stream: Readable,
): Promise<void> {
	const FilesService = services.FilesService as unknown as UploadingService;

	/** It is told that there is a row, and does with the bytes what it does with every upload's. */
	class ObjectService extends FilesService {
		eventScope = SILENT;

		override async createOne(): Promise<string> {
			return randomUUID();
		}
	}

	const service = new ObjectService({ schema, knex, accountability: null });
	const data = { ...place, type: type ?? UNKNOWN_TYPE, filename_download: place.filename_disk, folder: null };
	await service.uploadOne(stream, data, undefined, { emitEvents: false });
}

/**
 * Removes the objects whose names begin so. `FilesService` removes whatever bears a file's name, so it is given files of
 * these names, in a transaction in which nobody can see them.
 */
export async function removeObjects(
	{ services }: Services,
	schema: SchemaOverview,
	transaction: Knex.Transaction,
	storage: string,
	beginnings: string[],
): Promise<void> {
	// The extension is cut off before what bears the name is looked for.
	const named = beginnings.map((each) => `${each}.x`);
	const rows = named.map((each) => ({ id: randomUUID(), storage, filename_disk: each, filename_download: each }));
	// One by one: only so is it seen that what is deleted below was never there.
	for (const row of rows) await transaction(FILES).insert(row);
	const service = new services.FilesService({ schema, knex: transaction, accountability: null });
	Object.assign(service, { eventScope: SILENT });
	await service.deleteMany(rows.map(({ id }) => id));
}

/** What `FilesService` has, but its published type does not tell. */
type UploadingService = new (
	options: ConstructorParameters<ApiExtensionContext['services']['FilesService']>[0],
) => {
	uploadOne(stream: Readable, data: object, key: undefined, options: { emitEvents: false }): Promise<unknown>;
	createOne(): Promise<string>;
};
