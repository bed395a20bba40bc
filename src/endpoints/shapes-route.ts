/** `POST /data-sync/shapes`: how collections asked for by name look here, for the check of a remote that sends to us. */
import type { ApiExtensionContext } from '@directus/types';
import type { RequestHandler } from 'express';
import { readIgnored } from '../content/directus/ignored.ts';
import { readShapes } from '../content/directus/read-shapes.ts';
import { shapesRequestSchema } from '../wire/shapes.ts';
import { authoriseReceiver, running } from './authorise.ts';
import { parseBody } from './parse.ts';

export const shapesRoute =
	(context: ApiExtensionContext): RequestHandler =>
	async (request, response, next) => {
		try {
			const accountability = await authoriseReceiver(context, request);
			running();
			const requests = parseBody(shapesRequestSchema, request.body).collections;
			const names = requests.map(({ collection }) => collection);
			const ignored = await readIgnored(context, accountability, names);
			// Of what it has no permission in, a token learns nothing.
			const permitted = requests.filter(({ collection }) => ignored.has(collection));
			response.json({ data: { shapes: await readShapes(context, permitted, ignored) } });
		} catch (error) {
			next(error);
		}
	};
