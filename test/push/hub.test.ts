/** A hub in the middle of more instances than a path has room for. */
import { expect, it } from 'vitest';
import { settle } from '../../src/feed/settle.ts';
import { pushSource } from '../../src/push/push-source.ts';
import { BATCH_LIMITS } from '../../src/wire/batch.ts';
import { createTestNetwork } from '../support/memory/network.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';

const SPOKES = 150;

it('passes everything on to each of a hundred and fifty instances, and then falls silent', async () => {
	const network = createTestNetwork();
	const { transport } = network;
	const toHub = source('hub');
	const toSpokes = Array.from({ length: SPOKES }, (_, index) => source(`spoke-${index}`));
	const hub = createTestNode({ sources: toSpokes, transport });
	const spokes = toSpokes.map((_, index) => createTestNode({ number: index + 2, sources: [toHub], transport }));
	network.join(toHub.url, hub.ports);
	for (const [index, spoke] of spokes.entries()) network.join(toSpokes[index]?.url ?? '', spoke.ports);

	const pushFrom = async ({ ports, data }: TestNode) => {
		await settle(ports);
		await ports.checkpoints.request(
			data.sources.map(({ id }) => id),
			data.lastSeq,
		);
		for (const each of data.sources) expect(await pushSource(ports, each)).toMatchObject({ status: 'done' });
	};
	const round = async () => {
		network.sent.length = 0;
		for (const node of [...spokes, hub]) await pushFrom(node);
		return network.sent.flatMap(({ changes }) => changes).length;
	};

	await hub.edit('articles', 'hub', { title: 'of the hub' });
	for (const [index, spoke] of spokes.entries()) await spoke.edit('articles', `${index}`, { title: `of ${index}` });
	await round();
	for (const { path } of network.sent) expect(path.length).toBeLessThanOrEqual(BATCH_LIMITS.path);
	await round();
	for (const node of [hub, ...spokes]) expect(node.data.items.size).toBe(SPOKES + 1);

	// Everybody edits one item at a time, so that its path is as long as paths become.
	for (const [index, spoke] of spokes.entries()) await spoke.edit('articles', 'hub', { title: `edit ${index}` });
	await round();
	await round();
	const titles = new Set([hub, ...spokes].map((node) => node.value('articles', 'hub', 'title')));
	expect(titles.size).toBe(1);
	await round();
	expect(await round()).toBe(0);
}, 120_000);
