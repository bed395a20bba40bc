/** `POST /data-sync/sources/:id/check`: the preflight of a source, step by step. Changes nothing. */
import { ForbiddenError } from '@directus/errors';
import type { RequestHandler } from 'express';
import { authoriseAdmin, running } from './authorise.ts';

export const checkRoute: RequestHandler = async (request, response, next) => {
	try {
		authoriseAdmin(request);
		const report = await running().check(String(request.params.id));
		if (!report) throw new ForbiddenError({ reason: 'There is no remote source with that id' });
		response.json({ data: report });
	} catch (error) {
		next(error);
	}
};
