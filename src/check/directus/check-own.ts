/** What the check needs to know of this instance. */
import type { ApiExtensionContext } from '@directus/types';
import { version } from '../../../package.json';
import { PUSH_FLOW_ID, RESYNC_FLOW_ID } from '../../../schema.ts';
import { readShapes } from '../../content/directus/read-shapes.ts';
import { readDirectusVersion } from '../../directus/directus-version.ts';
import type { NodeId } from '../../replication/timestamp.ts';
import type { FlowState, OwnPort } from '../port.ts';

export function createCheckOwn(context: ApiExtensionContext, node: NodeId): OwnPort {
	const { database } = context;

	return {
		node,
		version,
		directus: () => readDirectusVersion(context),
		shapes: async (requests) => {
			const shapes = await readShapes(context, requests, new Map());
			return new Map(shapes.map((shape) => [shape.collection, shape]));
		},
		flows: async () => {
			const rows: { id: string; status: string }[] = await database('directus_flows')
				.whereIn('id', [PUSH_FLOW_ID, RESYNC_FLOW_ID])
				.select('id', 'status');
			const stateOf = (flow: string): FlowState => {
				const row = rows.find(({ id }) => id === flow);
				if (!row) return 'missing';
				return row.status === 'active' ? 'active' : 'inactive';
			};
			return { push: stateOf(PUSH_FLOW_ID), resync: stateOf(RESYNC_FLOW_ID) };
		},
	};
}
