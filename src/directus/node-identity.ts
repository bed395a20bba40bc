/**
 * Who this node is. A node id belongs to one instance, and an instance is known by its PUBLIC_URL: a database that wakes up
 * under another URL is a copy, and must not push into the original's remotes under the original's name.
 */
import type { ApiExtensionContext } from '@directus/types';
import { textToMarkdown } from '../wire/markdown.ts';
import type { Environment } from './environment.ts';
import { bindState, type NodeState, newNodeId, readState } from './node-state.ts';
import { createNotifier } from './notify.ts';
import { TABLES } from './tables.ts';

/** The node's state. For a copy all sources are switched to draft first, and then it gets a new id. */
export async function readIdentity(context: ApiExtensionContext, { publicUrl }: Environment): Promise<NodeState> {
	const { database, logger } = context;
	const state = await readState(database, publicUrl);
	if (publicUrl === null || state.publicUrl === publicUrl) return state;
	if (state.publicUrl === null) return bindState(database, state, { node: state.node, publicUrl });

	const paused = await switchToDraft(context);
	const copy = await bindState(database, state, { node: newNodeId(), publicUrl });
	const [before, now] = [state.publicUrl, publicUrl].map(textToMarkdown);
	const message = `This instance's PUBLIC_URL was ${before} and now is ${now}, so it counts as a copy of that instance. It has a new identity, and its ${paused} published remote sources were switched to draft, so that a copy never pushes into the original's remotes.\n\nIf it is the same instance under a new address, or a copy that shall sync, check the remote sources and publish them again.`;
	logger.warn(`Data Sync: ${message.replaceAll('\n', ' ')}`);
	await createNotifier(context).notifyAdmins('Data Sync: remote sources were paused', message);
	return copy;
}

async function switchToDraft({ services, database, getSchema }: ApiExtensionContext): Promise<number> {
	const schema = await getSchema();
	const sources = new services.ItemsService(TABLES.sources, { knex: database, schema, accountability: null });
	const published = await sources.readByQuery({ filter: { status: { _eq: 'published' } }, fields: ['id'], limit: -1 });
	const keys = published.map((source) => source.id as string);
	if (keys.length > 0) await sources.updateMany(keys, { status: 'draft' });
	return keys.length;
}
