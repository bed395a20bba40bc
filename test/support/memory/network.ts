/** A network between test nodes that works at once, unless told otherwise, and remembers what was sent. */
import { OutOfStepError } from '../../../src/apply/errors.ts';
import type { Change } from '../../../src/replication/change.ts';
import type { NodeId } from '../../../src/replication/timestamp.ts';
import type { Remote, RemoteInfo, TransportPort } from '../../../src/wire/port.ts';
import { RemoteError } from '../../../src/wire/remote-error.ts';
import { encodeBatch, infoOf, receiveBatch } from '../../simulator/memory/wire.ts';
import type { Ports } from './ports.ts';

export type SentBatch = { from: NodeId; to: NodeId; path: NodeId[]; changes: Change[] };

export type TestNetwork = {
	/** What a node sends by; `from` is for the record. */
	transport: TransportPort;
	/** Makes a node reachable at its source's URL. */
	join(url: string, ports: Ports): void;
	sent: SentBatch[];
	/** How many times somebody asked for a node's info. */
	infos: number;
	/** How many times memories were compared without sending anything. */
	greetings: number;
	/** What the nodes say of their limits. */
	limits: Partial<RemoteInfo>;
	/** Set to let requests fail: called with what is about to be sent (null: the info is asked for). */
	fault: ((source: Remote, changes: Change[] | null) => RemoteError | null) | null;
};

export function createTestNetwork(): TestNetwork {
	const nodes = new Map<string, Ports>();

	const reach = (source: Remote, changes: Change[] | null): Ports => {
		const fault = network.fault?.(source, changes) ?? null;
		if (fault) throw fault;
		const ports = nodes.get(source.url);
		if (!ports) throw new RemoteError('unreachable', `${source.url} can't be reached.`);
		return ports;
	};

	const network: TestNetwork = {
		sent: [],
		infos: 0,
		greetings: 0,
		limits: {},
		fault: null,
		join: (url, ports) => nodes.set(url, ports),
		transport: {
			info: async (source) => {
				network.infos += 1;
				return infoOf(reach(source, null), network.limits);
			},
			send: async (source, batch) => {
				const ports = reach(source, batch.changes);
				const body = encodeBatch(batch);
				if (body.length > (network.limits.maxPayloadBytes ?? Number.POSITIVE_INFINITY)) {
					throw new RemoteError('too_large', 'The item is larger than the remote takes.');
				}
				if (batch.changes.length === 0) network.greetings += 1;
				else network.sent.push({ from: batch.node, to: ports.node, path: batch.path, changes: batch.changes });
				return receiveBatch(ports, body).catch((error: unknown) => {
					throw error instanceof OutOfStepError ? new RemoteError('out_of_step', error.message) : error;
				});
			},
		},
	};

	return network;
}
