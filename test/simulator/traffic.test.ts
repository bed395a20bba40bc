import { describe, expect, it } from 'vitest';
import type { WireBatch } from '../../src/wire/batch.ts';
import { createQuietWorld } from './quiet-world.ts';

describe('traffic in a quiet network', () => {
	it.each([2, 3, 4, 5])('in a mesh of %i sends an edit once to everybody, and nobody forwards it', async (count) => {
		const { write, titles } = await createQuietWorld('mesh', count);
		const others = (from: number) =>
			Array.from({ length: count }, (_, to) => `${from}>${to}`).filter((link) => link !== `${from}>${from}`);
		expect(await write(0, {})).toEqual(others(0));
		expect(await write(0, {})).toEqual(others(0));
		expect(await write(1, {})).toEqual(others(1));
		expect(await write(0, { changed: ['price'] })).toEqual(others(0));
		expect(await write(1, { kind: 'delete' })).toEqual(others(1));
		expect(await write(0, {})).toEqual(others(0));
		expect(titles()).toEqual(Array(count).fill('write 6'));
	});

	it('in a chain passes an edit on from node to node, and never back', async () => {
		const { write, titles } = await createQuietWorld('chain', 4);
		expect(await write(0, {})).toEqual(['0>1', '1>2', '2>3']);
		expect(await write(2, {})).toEqual(['1>0', '2>1', '2>3']);
		expect(await write(3, { kind: 'delete' })).toEqual(['1>0', '2>1', '3>2']);
		expect(await write(1, {})).toEqual(['1>0', '1>2', '2>3']);
		expect(titles()).toEqual(Array(4).fill('write 4'));
	});

	it('through a hub passes an edit on to all others, and never back', async () => {
		const { write } = await createQuietWorld('star', 4);
		expect(await write(0, {})).toEqual(['0>1', '0>2', '0>3']);
		expect(await write(2, {})).toEqual(['0>1', '0>3', '2>0']);
		expect(await write(3, {})).toEqual(['0>1', '0>2', '3>0']);
	});

	it('in a ring meets on the other side, where at most one link carries it twice', async () => {
		const { write, titles } = await createQuietWorld('ring', 5);
		for (const node of [0, 3, 1]) {
			const links = await write(node, {});
			expect(links.length).toBeGreaterThanOrEqual(4);
			expect(links.length).toBeLessThanOrEqual(6);
		}
		expect(titles()).toEqual(Array(5).fill('write 3'));
	});

	it('sends nothing for a write that changed nothing', async () => {
		const { write } = await createQuietWorld('mesh', 3);
		await write(0, {});
		expect(await write(0, { write: 1 })).toEqual([]);
		expect(await write(1, { write: 1 })).toEqual([]);
	});

	it('is none while nothing changes, but for a greeting about every hour', async () => {
		const { write, world, wait } = await createQuietWorld('mesh', 3);
		await write(0, {});
		const before = world.network.sent().length;
		await wait(24 * 60);
		const sent = world.network.sent().slice(before);
		const greetings = sent.flatMap(({ body }) => (body === null ? [] : [JSON.parse(body) as WireBatch]));
		expect(greetings.flatMap(({ changes }) => changes)).toEqual([]);
		const links = 6;
		expect(greetings.length).toBeGreaterThanOrEqual(23 * links);
		expect(greetings.length).toBeLessThanOrEqual(30 * links);
		expect(sent.length).toBeLessThanOrEqual(3 * greetings.length);
	});
});
