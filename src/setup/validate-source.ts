/**
 * What an admin enters in a remote source, checked while he still sees the form: a mistake here would otherwise show
 * only as "nothing arrives".
 */
import { InvalidPayloadError } from '@directus/errors';
import { readListing } from '../sources/directus/read-listing.ts';
import type { Model } from '../sources/model.ts';

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
	const text = typeof value === 'string' ? value.trim() : '';
	const url = URL.canParse(text) ? new URL(text) : null;
	if (url === null || !['http:', 'https:'].includes(url.protocol))
		return reject('"url" must be the address of the remote with http:// or https://, such as https://cms.example.com');
	if (url.username !== '' || url.password !== '')
		return reject('"url" must not hold a user or password; enter the static token as "api_key"');
	if (url.search !== '' || url.hash !== '' || /[?#]/.test(text))
		return reject('"url" must end before any "?" or "#": enter the address only, as in PUBLIC_URL of the remote');
	if (/\/admin\/?$/.test(url.pathname))
		return reject('"url" is the address of Data Studio; leave out /admin to get that of the remote');
	return text;
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
