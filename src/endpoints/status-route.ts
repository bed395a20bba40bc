/** `GET /data-sync/status`: how each source that the asker may see is doing. */
import type { ApiExtensionContext } from '@directus/types';
import type { RequestHandler } from 'express';
import { TABLES } from '../directus/tables.ts';
import { conflictTotals, nodeFacts, sourceStatus } from '../engine/status.ts';
import { authoriseReader, running } from './authorise.ts';

export const statusRoute =
	({ services, getSchema }: ApiExtensionContext): RequestHandler =>
	async (request, response, next) => {
		try {
			const accountability = authoriseReader(request);
			const { ports, node, engine } = running();
			const service = new services.ItemsService(TABLES.sources, { schema: await getSchema(), accountability });
			const visible = await service.readByQuery({ fields: ['id'], limit: -1 });
			const ids = new Set(visible.map((source) => String(source.id)));
			const sources = (await ports.sources.list()).filter((source) => ids.has(source.id));
			const facts = await nodeFacts(ports, engine.unsettleable());
			response.json({
				data: {
					node,
					...(await conflictTotals(ports)),
					unnoted: facts.backlog.unnoted,
					unsettled: [...facts.backlog.unsettled.values()].reduce((sum, count) => sum + count, 0),
					sources: await Promise.all(sources.map((source) => sourceStatus(ports, source, facts))),
				},
			});
		} catch (error) {
			next(error);
		}
	};
