/** The endpoint `data-sync`: one file per route; here they only meet their paths. */
import type { EndpointConfig } from '@directus/types';
import { changesRoute } from './changes-route.ts';
import { checkRoute } from './check-route.ts';
import { filesRoute } from './files-route.ts';
import { infoRoute } from './info-route.ts';
import { shapesRoute } from './shapes-route.ts';
import { statusRoute } from './status-route.ts';

const endpoint: EndpointConfig = {
	id: 'data-sync',
	handler: (router, context) => {
		router.get('/info', infoRoute(context));
		router.post('/changes', changesRoute(context));
		router.post('/shapes', shapesRoute(context));
		router.put('/files/:id', filesRoute(context));
		router.get('/status', statusRoute(context));
		router.post('/sources/:id/check', checkRoute);
	},
};

export default endpoint;
