/**
 * A stored key is sent to whatever address its source has. So it stays with the origin for which it was entered: whoever moves
 * a source to another one, or from https to http, enters the key with it, and thereby shows that they know it.
 */
import { InvalidPayloadError } from '@directus/errors';
import type { Knex } from 'knex';
import { SOURCES } from '../../schema.ts';
import { originOf } from '../wire/remote-url.ts';
import type { SourcePayload } from './validate-source.ts';

type StoredSource = { url: string | null; api_key: string | null };

/**
 * Rejects with an InvalidPayloadError where a key would be sent to an origin for which nobody has entered it.
 * @param payload validated: masks are gone from it
 * @param stored ids of the sources it is saved in
 */
export async function refuseMovedKey(database: Knex, payload: SourcePayload, stored: readonly string[]): Promise<void> {
	if (stored.length === 0 || typeof payload.url !== 'string' || payload.api_key !== undefined) return;
	const origin = originOf(payload.url);
	const sources: StoredSource[] = await database(SOURCES).whereIn('id', stored).select('url', 'api_key');
	if (sources.every(({ url, api_key: key }) => !key || originOf(url) === origin)) return;

	throw new InvalidPayloadError({
		reason: `"api_key" must be entered again, since "url" leads to another address: the stored key is never sent to ${origin}, for which it was not entered. Save both together`,
	});
}
