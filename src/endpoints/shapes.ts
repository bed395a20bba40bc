/** `POST /data-sync/shapes`: how collections asked for by name look here, for the check of a remote that sends to us. */
import { InvalidPayloadError } from '@directus/errors';
import type { ApiExtensionContext } from '@directus/types';
import type { RequestHandler } from 'express';
import * as v from 'valibot';
import { readIgnored } from '../directus/check/ignored.ts';
import { readShapes } from '../directus/check/shapes.ts';
import { type ShapeRequest, shapesRequestSchema } from '../replication/shapes.ts';
import { authoriseReceiver, running } from './authorise.ts';

export const shapesRoute =
	(context: ApiExtensionContext): RequestHandler =>
	async (request, response, next) => {
		try {
			const accountability = authoriseReceiver(request);
			running();
			const requests = parseRequests(request.body);
			const names = requests.map(({ collection }) => collection);
			const ignored = await readIgnored(context, accountability, names);
			response.json({ data: { shapes: await readShapes(context, requests, ignored) } });
		} catch (error) {
			next(error);
		}
	};

function parseRequests(body: unknown): ShapeRequest[] {
	const parsed = v.safeParse(shapesRequestSchema, body);
	if (parsed.success) return parsed.output.collections;
	const issue = parsed.issues[0];
	throw new InvalidPayloadError({ reason: `${v.getDotPath(issue) ?? 'body'}: ${issue.message}` });
}
