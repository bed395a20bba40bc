/** Checks the address of a remote: http or https, nothing that hides a key or changes the path. */

export type RemoteUrl = { ok: true; url: string } | { ok: false; error: string };

/** The address without a trailing slash, or one sentence on what is wrong with it. */
export function checkRemoteUrl(input: unknown): RemoteUrl {
	const text = typeof input === 'string' ? input.trim() : '';
	if (text === '') return { ok: false, error: 'The URL is empty: enter the address of the remote instance.' };
	if (text.length > 2000) return { ok: false, error: 'The URL is longer than 2000 characters.' };
	if (!URL.canParse(text))
		return { ok: false, error: 'The URL is not valid: enter it like https://directus.example.com' };

	const url = new URL(text);
	if (url.protocol !== 'https:' && url.protocol !== 'http:') {
		return { ok: false, error: `The URL must begin with https:// or http://, not ${url.protocol}//` };
	}
	if (url.username || url.password) {
		return { ok: false, error: 'The URL must not hold a user or password: the API key has a field of its own.' };
	}
	if (url.search || url.hash) return { ok: false, error: 'The URL must not hold a query or a fragment.' };
	return { ok: true, url: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}
