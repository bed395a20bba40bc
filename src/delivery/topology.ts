/** Who else is told, so that receivers forward to nobody twice. */
import type { NodeId } from '../replication/timestamp.ts';
import type { Listing } from './listing.ts';
import type { Ports, Source } from './ports.ts';

/**
 * The nodes of this instance's published sources that are told at least what `source` is told. A source with a filter
 * or fewer events is not counted: forwarding to it once too often is harmless, once too seldom is not.
 */
export async function nodesTold(ports: Pick<Ports, 'sources' | 'checkpoints'>, source: Source): Promise<NodeId[]> {
	const nodes: NodeId[] = [];

	for (const other of await ports.sources.list()) {
		if (other.id !== source.id && !(other.published && covers(other.listing, source.listing))) continue;
		const { node } = await ports.checkpoints.read(other.id);
		if (node !== null) nodes.push(node);
	}

	return nodes;
}

function covers(wide: Listing, narrow: Listing): boolean {
	return [...narrow.values()].every((entry) => {
		const other = wide.get(entry.collection);
		if (!other || other.filter !== null || other.events.length < 3) return false;
		return entry.fields.every((field) => other.fields.includes(field));
	});
}
