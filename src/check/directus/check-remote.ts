/** What the check asks of a remote. Every answer is checked by its schema, and every request has a deadline. */
import * as v from 'valibot';
import { PROTOCOL } from '../../wire/batch.ts';
import { askInfo } from '../../wire/directus/ask-info.ts';
import { call, check } from '../../wire/directus/call.ts';
import { RemoteError } from '../../wire/remote-error.ts';
import {
	type NodeShape,
	type PermissionAction,
	SHAPES_LIMITS,
	type ShapeRequest,
	shapesAnswerSchema,
} from '../../wire/shapes.ts';
import type { CollectionAccess, RemotePort } from '../port.ts';

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
				return await askInfo(fetch, source);
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
