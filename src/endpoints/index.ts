/** The endpoint `data-sync`: one file per route; here they only meet their paths. */
import type { EndpointConfig } from '@directus/types';
import { changesRoute } from './changes.ts';
import { checkRoute } from './check.ts';
import { filesRoute } from './files.ts';
import { infoRoute } from './info.ts';
import { shapesRoute } from './shapes.ts';
import { statusRoute } from './status.ts';

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
