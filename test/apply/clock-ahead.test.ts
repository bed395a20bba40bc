import { beforeEach, describe, expect, it } from 'vitest';
import { ClockAheadError } from '../../src/apply/errors.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { settle } from '../../src/feed/settle.ts';
import { MAX_DRIFT } from '../../src/replication/clock.ts';
import { timestampToMillis } from '../../src/replication/timestamp.ts';
import type { TransportPort } from '../../src/wire/port.ts';
import { RemoteError } from '../../src/wire/remote-error.ts';
import { createTestNetwork } from '../support/memory/network.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';

const REMOTE = source('remote');
const NOW = 1_767_225_600_000;
const AHEAD = MAX_DRIFT + 60_000;

/** As the endpoint and the HTTP transport pass it on. */
function overHttp({ info, send }: TransportPort): TransportPort {
	return {
		info,
		send: (to, batch) =>
			send(to, batch).catch((error: unknown) => {
				throw error instanceof ClockAheadError ? new RemoteError('misconfigured', error.message) : error;
			}),
	};
}

describe('a node whose clock is more than five minutes ahead', () => {
	let node: TestNode;
	let remote: TestNode;

	beforeEach(() => {
		const network = createTestNetwork();
		node = createTestNode({ sources: [REMOTE], transport: overHttp(network.transport), now: NOW + AHEAD });
		remote = createTestNode({ number: 2, now: NOW });
		network.join(REMOTE.url, remote.ports);
	});

	const push = async () => {
		const engine = createEngine(node.ports, { isAutomatic: async () => true });
		const [report] = await engine.push(null, { force: true });
		return report;
	};

	it('keeps what is written there, and the remote takes nothing of it', async () => {
		await node.edit('articles', '1', { title: 'Early' });
		expect(await push()).toMatchObject({
			status: 'failing',
			error: expect.stringMatching(/clock is 360 seconds ahead .*Set both clocks/),
		});
		expect(remote.data.items.size).toBe(0);
		expect(remote.data.feed.size).toBe(0);
		expect(node.value('articles', '1', 'title')).toBe('Early');
	});

	it('delivers it when the remote has reached that time, without anybody doing anything', async () => {
		await node.edit('articles', '1', { title: 'Early' });
		await push();
		remote.wall.now += 120_000;
		expect((await push())?.status).toBe('done');
		expect(remote.value('articles', '1', 'title')).toBe('Early');
	});

	it('is not able to push the clock of others ahead', async () => {
		await node.edit('articles', '1', { title: 'Early' });
		await push();
		await remote.edit('articles', '2', { title: 'On time' });
		expect(timestampToMillis(remote.row('articles', '2').touched ?? ('' as never))).toBe(remote.wall.now);
	});

	it('goes on stamping later than before once its clock is set right, and is believed again', async () => {
		await node.edit('articles', '1', { title: 'Early' });
		await settle(node.ports);
		const early = node.row('articles', '1').stamps.title?.at;
		node.wall.now = NOW + 120_000;
		remote.wall.now = NOW + 120_000;
		await node.edit('articles', '1', { title: 'Right' });
		await settle(node.ports);
		expect((node.row('articles', '1').stamps.title?.at ?? '') > (early ?? '')).toBe(true);
		expect((await push())?.status).toBe('done');
		expect(remote.value('articles', '1', 'title')).toBe('Right');
	});
});
