/** `GET /data-sync/status`: how each source that the asker may see is doing. */
import type { ApiExtensionContext } from '@directus/types';
import type { RequestHandler } from 'express';
import { TABLES } from '../directus/tables.ts';
import { conflictTotals, sourceStatus } from '../engine/status.ts';
import { authoriseReader, running } from './authorise.ts';

export const statusRoute =
	({ services, getSchema }: ApiExtensionContext): RequestHandler =>
	async (request, response, next) => {
		try {
			const accountability = authoriseReader(request);
			const { ports, node } = running();
			const service = new services.ItemsService(TABLES.sources, { schema: await getSchema(), accountability });
			const visible = await service.readByQuery({ fields: ['id'], limit: -1 });
			const ids = new Set(visible.map((source) => String(source.id)));
			const sources = (await ports.sources.list()).filter((source) => ids.has(source.id));
			response.json({
				data: {
					node,
					...(await conflictTotals(ports)),
					sources: await Promise.all(sources.map((source) => sourceStatus(ports, source))),
				},
			});
		} catch (error) {
			next(error);
		}
	};
