/**
 * The wire codec of `GET /data-sync/info`: who a node is and what it takes. The node that answers, the senders and the check
 * all go by this one schema.
 */
import * as v from 'valibot';
import { timestampToMillis } from '../replication/timestamp.ts';
import { BATCH_LIMITS, nodeIdSchema, PROTOCOL, timestampSchema } from './batch.ts';

const integer = v.pipe(v.number(), v.integer());
/** For people only: older nodes leave it out, and a version that is odd must not keep anything from being sent. */
const versionSchema = v.optional(v.fallback(v.nullable(v.pipe(v.string(), v.maxLength(64))), null), null);

/** What a node of any protocol says of itself; all else means something in ours only. */
export const anyInfoSchema = v.object({ data: v.object({ protocol: integer, version: versionSchema }) });

export const infoSchema = v.object({
	data: v.pipe(
		v.object({
			protocol: v.literal(PROTOCOL),
			/** Of Data Sync and of Directus; null when it does not tell. */
			version: versionSchema,
			directus: versionSchema,
			node: nodeIdSchema,
			/** Its hybrid logical clock, which may be ahead of its wall clock. */
			clock: timestampSchema,
			/** Its wall clock, in milliseconds. Older nodes leave it out; then the other clock has to do. */
			now: v.optional(integer),
			/** The API key belongs to its Data Sync user. */
			receiver: v.boolean(),
			limits: v.object({
				/** The largest JSON body that it takes, in bytes. */
				payload: v.pipe(v.number(), v.minValue(1)),
				/** The most changes of one batch. */
				changes: v.optional(v.pipe(integer, v.minValue(1)), BATCH_LIMITS.changes),
				/** The largest file that it takes, in bytes; null when it sets no limit. */
				file: v.optional(v.nullable(v.number()), null),
			}),
		}),
		v.transform((info) => ({ ...info, now: info.now ?? timestampToMillis(info.clock) })),
	),
});

/** What a node of our protocol says of itself. */
export type NodeInfo = v.InferOutput<typeof infoSchema>['data'];

/** The answer of a node that could be asked. Times in milliseconds of this instance's wall clock. */
export type Introduction =
	| { outcome: 'met'; info: NodeInfo; sentAt: number; receivedAt: number }
	| { outcome: 'other_protocol'; protocol: number; version: string | null };
