/** Reads stored bytes by Directus' own service, so that it works with every storage driver. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isDirectusError } from '@directus/errors';
import type { ApiExtensionContext, SchemaOverview } from '@directus/types';
import type { Knex } from 'knex';

export type Asset = { size: number; open: () => Promise<Readable> };

/** Null when there are no bytes. Rejects when the storage can't be asked. */
export async function findAsset(
	{ services }: Pick<ApiExtensionContext, 'services'>,
	schema: SchemaOverview,
	knex: Knex,
	file: string,
): Promise<Asset | null> {
	const service = new services.AssetsService({ knex, schema, accountability: null });

	try {
		const { stream, stat } = await service.getAsset(file, undefined, undefined, true);
		return { size: stat.size, open: stream };
	} catch (error) {
		// That is how it says that the object does not exist.
		if (isDirectusError(error, 'FORBIDDEN')) return null;
		throw error;
	}
}

/** The SHA-256 of a stream in hexadecimal; it is never whole in memory. */
export async function hashOf(stream: Readable): Promise<string> {
	const hash = createHash('sha256');
	await pipeline(stream, hash);
	return hash.digest('hex');
}
