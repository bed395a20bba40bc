/** Remotes that answer at random, endlessly, slowly or not at all: the sender goes on, and its other sources never notice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createContent, PAGES } from '../support/content.ts';
import { allow, connect, SOURCES } from '../support/data-sync.ts';
import { FUZZ_SEED, memoryOf, printSeed, unseenFaults } from '../support/fuzzing.ts';
import { type HostileRemote, startHostileRemote } from '../support/hostile-remote.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

const HOSTILE = 4;
const ROUNDS = 60;
const MOST_MEMORY = 400 * 1024 * 1024;

let sender: Instance;
let receiver: Instance;
let hostile: HostileRemote[];
let sources: string[];

beforeAll(async () => {
	printSeed();
	[sender, receiver] = await Promise.all([startInstance({ name: 'sender' }), startInstance({ name: 'receiver' })]);
	await Promise.all([sender, receiver].map(createContent));
	await allow(receiver, ['pages']);
	await connect(sender, receiver, [PAGES]);
	hostile = [];
	sources = [];
	for (let number = 0; number < HOSTILE; number += 1) {
		const remote = await startHostileRemote(
			FUZZ_SEED + number * 100,
			`bad0000000${number.toString().padStart(2, '0')}`,
		);
		hostile.push(remote);
		const source = { name: `Hostile ${number}`, url: remote.url, api_key: 'x', status: 'published', schema: [PAGES] };
		sources.push((await sender.createItem(SOURCES, source)).id as string);
	}
});

afterAll(async () => {
	await Promise.all([sender, receiver].map((instance) => instance?.destroy()));
	await Promise.all((hostile ?? []).map((remote) => remote.close()));
});

test('whatever they answer, each edit arrives at the remote that works', async () => {
	const before = await memoryOf(sender);
	const { pid } = sender;

	for (let round = 0; round < ROUNDS; round += 1) {
		const slug = `page-${round}`;
		await sender.createItem('pages', { slug, title: 'New' });
		// What is saved is tried at once, so that no backoff has to be waited for.
		const source = sources[round % HOSTILE] as string;
		await sender.updateItem(SOURCES, source, { name: `Hostile ${round}` });
		await waitFor(`${slug} to arrive`, () => receiver.readItem('pages', slug));
	}

	expect(sender.pid).toBe(pid);
	expect((await sender.api('GET', '/data-sync/status')).status).toBe(200);
	expect(await unseenFaults(sender)).toEqual([]);
	const after = await memoryOf(sender);
	if (before !== null && after !== null) expect(after - before).toBeLessThan(MOST_MEMORY);
	expect(hostile.reduce((sum, remote) => sum + remote.requests(), 0)).toBeGreaterThan(ROUNDS / 2);
	expect(new Set(hostile.flatMap((remote) => [...remote.given.keys()])).size).toBeGreaterThan(10);
});
