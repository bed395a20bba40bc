/** What is asked of remotes, and told them; nothing of what they answer is believed before it is checked. */
import * as v from 'valibot';
import { timestampToMillis } from '../../replication/timestamp.ts';
import { answerSchema, encodeBatch, nodeIdSchema, PROTOCOL, timestampSchema } from '../batch.ts';
import type { Remote, RemoteInfo, TransportPort } from '../port.ts';
import { RemoteError } from '../remote-error.ts';
import type { ChangeResult } from '../result.ts';
import { call, check } from './call.ts';
import { withoutKey } from './to-remote-error.ts';

const infoSchema = v.object({
	data: v.object({
		protocol: v.pipe(v.number(), v.integer()),
		node: nodeIdSchema,
		clock: timestampSchema,
		receiver: v.boolean(),
		limits: v.object({
			payload: v.pipe(v.number(), v.minValue(10_000)),
			changes: v.pipe(v.number(), v.integer(), v.minValue(1)),
		}),
	}),
});

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
		const asked = Date.now();
		const { data } = check(infoSchema, await call(fetch, source, 'GET', '/data-sync/info'));
		const clockOffset = timestampToMillis(data.clock) - Math.round((asked + Date.now()) / 2);
		if (data.protocol !== PROTOCOL) {
			throw new RemoteError(
				'incompatible',
				`The remote speaks protocol ${data.protocol}, this instance ${PROTOCOL}. Install the same version of Data Sync on both.`,
			);
		}
		if (!data.receiver) {
			throw new RemoteError(
				'unauthorised',
				'The API key belongs to another user of the remote. Use the static token of its user "Data Sync Directus".',
			);
		}
		return toInfo(data, clockOffset);
	}
}

/** People read the messages: a remote that repeats what it was sent must not tell them our key. */
const toResult = (result: ChangeResult, source: Remote): ChangeResult =>
	result.message === undefined ? result : { ...result, message: withoutKey(result.message, source) };

const toInfo = (data: v.InferOutput<typeof infoSchema>['data'], clockOffset: number): RemoteInfo => ({
	node: data.node,
	clock: data.clock,
	clockOffset,
	maxPayloadBytes: data.limits.payload,
	maxChanges: data.limits.changes,
});
