/**
 * What an admin enters in a remote source, checked while they still see the form: a mistake here would otherwise show
 * only as "nothing arrives".
 */
import { InvalidPayloadError } from '@directus/errors';
import { readListing } from '../sources/directus/read-listing.ts';
import type { Model } from '../sources/model.ts';
import { checkEnteredUrl } from '../wire/remote-url.ts';

export type SourcePayload = { url?: unknown; api_key?: unknown; schema?: unknown } & Record<string, unknown>;

/**
 * Returns the payload with its texts trimmed, or throws an InvalidPayloadError that says what to do. Null and absent
 * values pass: a draft may be incomplete.
 */
export function validateSource(payload: SourcePayload, action: 'create' | 'update', model: Model): SourcePayload {
	const { url, api_key: apiKey, schema } = payload;
	const checked = { ...payload };
	if (present(url)) checked.url = checkUrl(url);
	if (present(schema)) checkSchema(schema, model);

	if (isMask(apiKey)) {
		// The Studio was shown asterisks and sends them back, as when a revision is restored: keep the stored key.
		if (action === 'create') reject('"api_key" is never copied; enter the static token of the remote again');
		delete checked.api_key;
	} else if (present(apiKey)) checked.api_key = checkKey(apiKey);

	return checked;
}

const present = (value: unknown) => value !== undefined && value !== null;
const isMask = (value: unknown) => typeof value === 'string' && /^\*+$/.test(value);

function reject(reason: string): never {
	throw new InvalidPayloadError({ reason });
}

function checkUrl(value: unknown): string {
	const checked = checkEnteredUrl(value);
	return checked.ok ? checked.url : reject(`"url" ${checked.fault}`);
}

function checkKey(value: unknown): string {
	const key = typeof value === 'string' ? value.trim() : '';
	if (!/^[\x21-\x7e]+$/.test(key))
		return reject('"api_key" must be a static token: letters, digits and signs without spaces');
	return key;
}

function checkSchema(value: unknown, model: Model) {
	const read = readListing(value, model);
	if (!read.ok) return reject(read.error);
	const [problem] = read.expansion.problems;
	if (problem) reject(`schema: ${problem.message}`);
}
