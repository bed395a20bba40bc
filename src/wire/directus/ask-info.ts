/** Asks a remote who it is. */
import { PROTOCOL } from '../batch.ts';
import { anyInfoSchema, type Introduction, infoSchema } from '../info.ts';
import type { Remote } from '../port.ts';
import { call, check } from './call.ts';

/** Rejects with a RemoteError. */
export async function askInfo(fetch: typeof globalThis.fetch, source: Remote): Promise<Introduction> {
	const sentAt = Date.now();
	const answer = await call(fetch, source, 'GET', '/data-sync/info');
	const receivedAt = Date.now();
	const { protocol, version } = check(anyInfoSchema, answer).data;
	if (protocol !== PROTOCOL) return { outcome: 'other_protocol', protocol, version };
	return { outcome: 'met', info: check(infoSchema, answer).data, sentAt, receivedAt };
}
