import { describe, expect, it } from 'vitest';
import { copyDatabase } from './memory/database.ts';
import { createStore } from './memory/session.ts';
import { createQuietWorld, type QuietWorld } from './quiet-world.ts';

/** Takes a backup of a node; the result puts the node back to it. */
function backUp({ world, nodes, wait }: QuietWorld, node: number): () => Promise<void> {
	const host = world.hosts[node];
	if (!host) throw new Error(`there is no node ${node}`);
	const backup = copyDatabase(host.store.data);
	return async () => {
		nodes.restart(node, () => {
			host.store = createStore(copyDatabase(backup));
		});
		await wait(60);
	};
}

describe('a node that was put back to an old backup', () => {
	it('does not roll the others back', async () => {
		const quiet = await createQuietWorld('mesh', 3);
		await quiet.write(0, { item: 'a' });
		await quiet.write(1, { item: 'b' });
		const restore = backUp(quiet, 0);
		await quiet.write(0, { item: 'a' });
		await quiet.write(1, { item: 'b' });
		await quiet.write(2, { kind: 'delete', item: 'b' });
		await restore();
		expect(quiet.titles('a').slice(1)).toEqual(['write 3', 'write 3']);
		expect(quiet.titles('b').slice(1)).toEqual([null, null]);
	});

	it('goes on sending and receiving', async () => {
		const quiet = await createQuietWorld('mesh', 3);
		await quiet.write(0, { item: 'a' });
		const restore = backUp(quiet, 0);
		for (let count = 0; count < 5; count += 1) await quiet.write(0, { item: 'a' });
		await restore();
		await quiet.write(0, { item: 'b' });
		await quiet.write(0, { item: 'a' });
		expect(quiet.titles('b')).toEqual(Array(3).fill('write 7'));
		expect(quiet.titles('a')).toEqual(Array(3).fill('write 8'));
		await quiet.write(1, { item: 'a' });
		await quiet.write(2, { item: 'b' });
		expect(quiet.titles('a')).toEqual(Array(3).fill('write 9'));
		expect(quiet.titles('b')).toEqual(Array(3).fill('write 10'));
	});

	it('gets an item back with the next edit of it', async () => {
		const quiet = await createQuietWorld('mesh', 3);
		await quiet.write(0, {});
		const restore = backUp(quiet, 0);
		await quiet.write(0, {});
		await restore();
		await quiet.write(1, { changed: ['price'] });
		expect(quiet.titles()).toEqual(Array(3).fill('write 2'));
	});

	it('gets back from the others what it has lost of theirs', async () => {
		const quiet = await createQuietWorld('mesh', 3);
		await quiet.write(1, {});
		const restore = backUp(quiet, 0);
		await quiet.write(1, {});
		await restore();
		expect(quiet.titles()).toEqual(Array(3).fill('write 2'));
	});

	it('gets back from the others what it has lost of its own', async () => {
		const quiet = await createQuietWorld('mesh', 3);
		await quiet.write(0, {});
		const restore = backUp(quiet, 0);
		await quiet.write(0, {});
		await restore();
		expect(quiet.titles()).toEqual(Array(3).fill('write 2'));
	});

	it('hears again of deletions', async () => {
		const quiet = await createQuietWorld('mesh', 3);
		await quiet.write(0, {});
		const restore = backUp(quiet, 0);
		await quiet.write(1, { kind: 'delete' });
		await restore();
		expect(quiet.titles()).toEqual([null, null, null]);
	});

	it('leaves nobody without what it had told only some of them', async () => {
		const quiet = await createQuietWorld('mesh', 3);
		await quiet.write(0, {});
		const restore = backUp(quiet, 0);
		quiet.world.network.cut(0, 2, 60 * 60_000);
		await quiet.write(0, {});
		await restore();
		quiet.world.network.heal();
		await quiet.wait(60);
		expect(quiet.titles().slice(1)).toEqual(['write 2', 'write 2']);
	});
});
