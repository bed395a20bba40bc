/** What the check asks of a remote. Every answer is checked by its schema, and every request has a deadline. */
import * as v from 'valibot';
import { timestampToMillis } from '../../replication/timestamp.ts';
import type { Source } from '../../sources/port.ts';
import { nodeIdSchema, PROTOCOL, timestampSchema } from '../../wire/batch.ts';
import { call, check } from '../../wire/directus/call.ts';
import { RemoteError } from '../../wire/remote-error.ts';
import {
	type NodeShape,
	type PermissionAction,
	SHAPES_LIMITS,
	type ShapeRequest,
	shapesAnswerSchema,
} from '../../wire/shapes.ts';
import type { CollectionAccess, Meeting, RemotePort } from '../port.ts';

const version = v.optional(v.nullable(v.pipe(v.string(), v.maxLength(64))), null);
const anySchema = v.object({ data: v.object({ protocol: v.pipe(v.number(), v.integer()), version }) });
const infoSchema = v.object({
	data: v.object({
		version,
		directus: version,
		node: nodeIdSchema,
		clock: timestampSchema,
		/** Since lately; before that the clock, which may be ahead of the wall clock, has to do. */
		now: v.optional(v.pipe(v.number(), v.integer())),
		receiver: v.boolean(),
		limits: v.object({ payload: v.pipe(v.number(), v.minValue(1)) }),
	}),
});

const accessSchema = v.optional(
	v.object({
		access: v.optional(v.picklist(['none', 'partial', 'full']), 'none'),
		fields: v.optional(v.nullable(v.array(v.string())), null),
	}),
);
/** `GET /permissions/me`, of Directus itself. */
const permissionsSchema = v.object({
	data: v.record(v.string(), v.object({ create: accessSchema, update: accessSchema, delete: accessSchema })),
});

export function createCheckRemote(fetch: typeof globalThis.fetch): RemotePort {
	return {
		meet: async (source) => {
			try {
				return await meet(fetch, source);
			} catch (error) {
				if (error instanceof RemoteError) return { outcome: 'failed', error };
				throw error;
			}
		},
		shapes: async (source, requests, maxPayloadBytes) => {
			const found = new Map<string, NodeShape>();
			for (const collections of portions(requests, maxPayloadBytes)) {
				const body = { protocol: PROTOCOL, collections };
				const { data } = check(shapesAnswerSchema, await call(fetch, source, 'POST', '/data-sync/shapes', body));
				for (const shape of data.shapes) found.set(shape.collection, shape);
			}
			return found;
		},
		permissions: async (source) => {
			const { data } = check(permissionsSchema, await call(fetch, source, 'GET', '/permissions/me'));
			return new Map(Object.entries(data).map(([collection, actions]) => [collection, toAccess(actions)]));
		},
	};
}

async function meet(fetch: typeof globalThis.fetch, source: Source): Promise<Meeting> {
	const sentAt = Date.now();
	const answer = await call(fetch, source, 'GET', '/data-sync/info');
	const receivedAt = Date.now();
	const { protocol, version } = check(anySchema, answer).data;
	if (protocol !== PROTOCOL) return { outcome: 'other_protocol', protocol, version };

	const { clock, now, limits, ...rest } = check(infoSchema, answer).data;
	const info = { ...rest, protocol, now: now ?? timestampToMillis(clock), maxPayloadBytes: limits.payload };
	return { outcome: 'met', info, sentAt, receivedAt };
}

type Actions = v.InferOutput<typeof permissionsSchema>['data'][string];

const toAccess = (actions: Actions): CollectionAccess => {
	const of = (action: PermissionAction) => ({
		access: actions[action]?.access ?? 'none',
		fields: actions[action]?.fields ?? [],
	});
	return { create: of('create'), update: of('update'), delete: of('delete') };
};

/** Requests that the remote takes, in their number and size. */
function portions(requests: readonly ShapeRequest[], maxBytes: number): ShapeRequest[][] {
	const found: ShapeRequest[][] = [];
	let bytes = 0;
	for (const request of requests) {
		const size = JSON.stringify(request).length + 1;
		const open = found.at(-1);
		if (open && open.length < SHAPES_LIMITS.collections && bytes + size < maxBytes - 500) {
			open.push(request);
			bytes += size;
		} else {
			found.push([request]);
			bytes = size;
		}
	}
	return found;
}
