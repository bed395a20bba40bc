/** `GET /data-sync/info`: who this node is and what it takes. */
import type { RequestHandler } from 'express';
import { version } from '../../package.json';
import { BATCH_LIMITS, PROTOCOL } from '../replication/batch.ts';
import { authoriseInfo, isReceiver, running } from './authorise.ts';

export const infoRoute: RequestHandler = (request, response, next) => {
	try {
		const accountability = authoriseInfo(request);
		const { node, ports, environment } = running();
		response.json({
			data: {
				protocol: PROTOCOL,
				version,
				node,
				clock: ports.clock.stamp(),
				receiver: isReceiver(accountability),
				limits: { payload: environment.maxPayloadSize, changes: BATCH_LIMITS.changes },
			},
		});
	} catch (error) {
		next(error);
	}
};
