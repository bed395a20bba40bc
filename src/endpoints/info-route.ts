/** `GET /data-sync/info`: who this node is and what it takes. */
import type { ApiExtensionContext } from '@directus/types';
import type { RequestHandler } from 'express';
import { version } from '../../package.json';
import { readDirectusVersion } from '../directus/directus-version.ts';
import { BATCH_LIMITS, PROTOCOL } from '../wire/batch.ts';
import type { NodeInfo } from '../wire/info.ts';
import { authoriseInfo, running } from './authorise.ts';

export const infoRoute =
	(context: ApiExtensionContext): RequestHandler =>
	async (request, response, next) => {
		try {
			const { receiver } = await authoriseInfo(context, request);
			const { node, ports, environment } = running();
			const info: NodeInfo = {
				protocol: PROTOCOL,
				version,
				directus: await readDirectusVersion(context),
				node,
				clock: ports.clock.stamp(),
				now: ports.clock.now(),
				receiver,
				limits: {
					payload: environment.maxPayloadSize,
					changes: BATCH_LIMITS.changes,
					file: environment.files.maxFileSize,
				},
			};
			response.json({ data: info });
		} catch (error) {
			next(error);
		}
	};
