/** What is asked of remotes, and told them; nothing of what they answer is believed before it is checked. */
import { timestampToMillis } from '../../replication/timestamp.ts';
import { answerSchema, encodeBatch, PROTOCOL } from '../batch.ts';
import type { NodeInfo } from '../info.ts';
import type { Remote, RemoteInfo, TransportPort } from '../port.ts';
import { RemoteError } from '../remote-error.ts';
import type { ChangeResult } from '../result.ts';
import { askInfo } from './ask-info.ts';
import { call, check } from './call.ts';
import { withoutKey } from './to-remote-error.ts';

/** In bytes. With less room, a batch would be little more than what goes around its changes. */
const SMALLEST_PAYLOAD = 10_000;

/** How long a remote's answer to who it is may be used again, in milliseconds. */
const INFO_LASTS = 60_000;

export function createTransport(fetch: typeof globalThis.fetch): TransportPort {
	const known = new Map<string, { info: RemoteInfo; from: string; until: number }>();

	return {
		info: async (source) => {
			const from = `${source.url} ${source.apiKey}`;
			const found = known.get(source.id);
			if (found?.from === from && found.until > Date.now()) return found.info;
			const info = await ask(source);
			known.set(source.id, { info, from, until: Date.now() + INFO_LASTS });
			return info;
		},
		send: async (source, batch) => {
			const answer = await call(fetch, source, 'POST', '/data-sync/changes', encodeBatch(batch)).catch(
				(error: unknown) => {
					// Whatever was known of the remote may be why.
					known.delete(source.id);
					throw error;
				},
			);
			const { data } = check(answerSchema, answer);
			if (data.results.length === batch.changes.length) return data.results.map((result) => toResult(result, source));
			throw new RemoteError(
				'incompatible',
				`The remote answered ${data.results.length} results for ${batch.changes.length} changes.`,
			);
		},
	};

	async function ask(source: Remote): Promise<RemoteInfo> {
		const answer = await askInfo(fetch, source);
		if (answer.outcome === 'other_protocol') {
			throw new RemoteError(
				'incompatible',
				`The remote speaks protocol ${answer.protocol}, this instance ${PROTOCOL}. Install the same version of Data Sync on both.`,
			);
		}
		const { info, sentAt, receivedAt } = answer;
		if (!info.receiver) {
			throw new RemoteError(
				'unauthorised',
				'The API key belongs to another user of the remote. Use the static token of a user with the policy "Data Sync", such as "Data Sync Directus".',
			);
		}
		if (info.limits.payload < SMALLEST_PAYLOAD) {
			throw new RemoteError(
				'misconfigured',
				`The remote takes only ${info.limits.payload} bytes in one request. Raise its MAX_PAYLOAD_SIZE to at least 10kb.`,
			);
		}
		return toRemoteInfo(info, timestampToMillis(info.clock) - Math.round((sentAt + receivedAt) / 2));
	}
}

/** People read the messages: a remote that repeats what it was sent must not tell them our key. */
const toResult = (result: ChangeResult, source: Remote): ChangeResult =>
	result.message === undefined ? result : { ...result, message: withoutKey(result.message, source) };

const toRemoteInfo = ({ node, clock, limits }: NodeInfo, clockOffset: number): RemoteInfo => ({
	node,
	clock,
	clockOffset,
	maxPayloadBytes: limits.payload,
	maxChanges: limits.changes,
});
