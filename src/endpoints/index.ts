/** The endpoint `data-sync`: one file per route; here they only meet their paths. */
import type { EndpointConfig } from '@directus/types';
import { changesRoute } from './changes.ts';
import { infoRoute } from './info.ts';
import { statusRoute } from './status.ts';

const endpoint: EndpointConfig = {
	id: 'data-sync',
	handler: (router, context) => {
		router.get('/info', infoRoute);
		router.post('/changes', changesRoute(context));
		router.get('/status', statusRoute(context));
	},
};

export default endpoint;
