/**
 * The rules for the address of a remote, in one place: what may be entered, what is sent to, how a path is joined to it, and
 * who can read along. An address is http or https, and holds nothing that hides a key or changes the path.
 */

/** `fault` goes on from "The URL …", and says what to do. */
export type RemoteUrl = { ok: true; url: string } | { ok: false; fault: string };

type Rule = { isBroken: (url: URL, text: string) => boolean; fault: string };

const LONGEST = 2000;
const IS_NONE = 'must be the address of the remote with http:// or https://, such as https://cms.example.com';
const HAS_QUERY = 'must end before any "?" or "#": enter the address only, as in PUBLIC_URL of the remote';

const RULES: readonly Rule[] = [
	{ isBroken: ({ protocol }) => protocol !== 'https:' && protocol !== 'http:', fault: IS_NONE },
	{
		isBroken: ({ username, password }) => username !== '' || password !== '',
		fault: 'must not hold a user or password: enter the static token as "api_key"',
	},
	{ isBroken: ({ search, hash }) => search !== '' || hash !== '', fault: HAS_QUERY },
];

/** Slips that are worth a word only while somebody looks at the form. */
const RULES_FOR_FORMS: readonly Rule[] = [
	...RULES,
	{ isBroken: (_url, text) => /[?#]/.test(text), fault: HAS_QUERY },
	{
		isBroken: ({ pathname }) => /\/admin\/?$/.test(pathname),
		fault: 'is the address of Data Studio: leave out /admin to get that of the remote',
	},
];

/** The address to send to, without a slash at its end. */
export function checkRemoteUrl(input: unknown): RemoteUrl {
	const checked = checkBy(RULES, input);
	if (!checked.ok) return checked;
	const { origin, pathname } = new URL(checked.url);
	return { ok: true, url: withoutSlash(`${origin}${pathname}`) };
}

/** What an admin enters: the address as they wrote it, without the spaces around it. */
export const checkEnteredUrl = (input: unknown): RemoteUrl => checkBy(RULES_FOR_FORMS, input);

function checkBy(rules: readonly Rule[], input: unknown): RemoteUrl {
	const text = typeof input === 'string' ? input.trim() : '';
	if (text.length > LONGEST) return { ok: false, fault: `must not be longer than ${LONGEST} characters` };
	if (!URL.canParse(text)) return { ok: false, fault: IS_NONE };
	const url = new URL(text);
	const broken = rules.find(({ isBroken }) => isBroken(url, text));
	return broken ? { ok: false, fault: broken.fault } : { ok: true, url: text };
}

/** Protocol, host and port; null for what is no address. */
export const originOf = (url: string | null): string | null =>
	url !== null && URL.canParse(url.trim()) ? new URL(url.trim()).origin : null;

/** @param path begins with a slash */
export const joinUrl = (url: string, path: string): string => `${withoutSlash(url)}${path}`;

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

/** encrypted: nobody; local: nobody, since it does not leave this machine; open: everybody on the way can read along. */
export type Exposure = 'encrypted' | 'local' | 'open';

export function exposureOf(url: string): Exposure {
	const { protocol, hostname } = new URL(url);
	if (protocol === 'https:') return 'encrypted';
	return /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname) ? 'local' : 'open';
}

/** Redirects are never followed: key and content go nowhere but to the address that an admin has entered. */
export const isRedirect = (status: number): boolean => status >= 300 && status < 400;
