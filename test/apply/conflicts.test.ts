import { beforeEach, describe, expect, it } from 'vitest';
import { apply } from '../../src/apply/apply.ts';
import { conflictTotals, sourceStatus } from '../../src/engine/status.ts';
import { settle } from '../../src/feed/settle.ts';
import { OWN_CHECKPOINT } from '../../src/link/port.ts';
import { compose } from '../../src/push/compose.ts';
import { Refusal } from '../../src/wire/refusal.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';

describe('conflicts', () => {
	let here: TestNode;
	let there: TestNode;
	let third: TestNode;

	beforeEach(() => {
		[here, there, third] = [1, 2, 3].map((number) =>
			createTestNode({ number, sources: [source('one'), source('two')] }),
		) as [TestNode, TestNode, TestNode];
	});

	/** Tells a node all that another one has. */
	const tell = async (from: TestNode, to: TestNode): Promise<void> => {
		await settle(from.ports);
		const rows = await from.ports.feed.after(0, 100);
		const composed = await compose(from.ports, source('any'), rows, null);
		const changes = composed.flatMap(({ change }) => change ?? []);
		await apply(to.ports, { node: from.ports.node, path: [from.ports.node], link: null, changes });
		await settle(to.ports);
	};
	const meet = (node: TestNode, id: string, remote: TestNode) =>
		node.ports.checkpoints.saveLink(id, { node: remote.ports.node });
	const count = async (node: TestNode) => (await conflictTotals(node.ports)).conflicts;

	it('are counted at the node that lost a value and at the one that kept its own', async () => {
		await here.edit('articles', '1', { title: 'Here' });
		await there.edit('articles', '1', { title: 'There' });
		there.wall.now += 1000;
		await there.edit('articles', '1', { title: 'There, later' });
		await tell(here, there);
		await tell(here, there);
		expect(await count(there)).toBe(1);
		await tell(there, here);
		await tell(there, here);
		expect(here.value('articles', '1', 'title')).toBe('There, later');
		expect(await count(here)).toBe(1);
	});

	it('are none for edits one after the other, other fields and equal values', async () => {
		await here.edit('articles', '1', { title: 'First', body: 'First' });
		await tell(here, there);
		await there.edit('articles', '1', { title: 'Second' });
		await here.edit('articles', '1', { body: 'Third' });
		await tell(there, here);
		await tell(here, there);
		await here.edit('articles', '1', { title: 'Equal' });
		await there.edit('articles', '1', { title: 'Equal' });
		await tell(there, here);
		await tell(here, there);
		expect([await count(here), await count(there)]).toEqual([0, 0]);
	});

	it('are found behind a node in the middle, and counted for the source that told of them, not in the middle', async () => {
		await meet(here, 'two', third);
		await here.edit('articles', '1', { title: 'Here' });
		there.wall.now += 1000;
		await there.edit('articles', '1', { title: 'There' });
		await tell(here, third);
		await tell(there, third);
		await tell(third, here);
		expect([await count(here), await count(third), await count(there)]).toEqual([1, 0, 0]);
		const [one, two] = await here.ports.sources.list();
		expect(one && (await sourceStatus(here.ports, one))).toMatchObject({ conflicts: 0 });
		expect(two && (await sourceStatus(here.ports, two))).toMatchObject({ conflicts: 1 });
	});

	it('include edits that are not settled yet', async () => {
		await here.edit('articles', '1', { title: 'Start' });
		await tell(here, there);
		there.wall.now += 10;
		await there.edit('articles', '1', { title: 'There' });
		await here.edit('articles', '1', { title: 'Here' });
		await settle(there.ports);
		const [row] = await there.ports.feed.after(0, 100);
		const [composed] = await compose(there.ports, source('any'), row ? [row] : [], null);
		const changes = composed?.change ? [composed.change] : [];
		await apply(here.ports, { node: there.ports.node, path: [], link: null, changes });
		expect(await count(here)).toBe(1);
	});

	it('are counted when a deletion takes along an edit that it did not know', async () => {
		await here.edit('articles', '1', { title: 'Start' });
		await tell(here, there);
		await here.edit('articles', '1', { body: 'Edited' });
		await there.edit('articles', '1', null);
		await tell(here, there);
		await tell(there, here);
		expect([await count(here), await count(there)]).toEqual([1, 1]);
		expect([...here.data.conflicts.values()]).toMatchObject([{ field: null }]);
	});

	it('are not counted for a change that is refused', async () => {
		const refusing = createTestNode({
			number: 1,
			sources: [source('one')],
			rules: [() => new Refusal('failed', 'invalid_value', 'no')],
		});
		await refusing.edit('articles', '1', { title: 'Here' });
		there.wall.now += 1000;
		await there.edit('articles', '1', { title: 'There' });
		await tell(there, refusing);
		expect(await count(refusing)).toBe(0);
	});

	it('count for the source that shares the collection, of several that lead to one remote', async () => {
		here.data.sources.splice(
			0,
			2,
			source('elsewhere', { schema: [{ collection: 'pages', fields: ['title'] }] }),
			source('draft', { published: false }),
			source('right'),
		);
		for (const id of ['elsewhere', 'draft', 'right']) await meet(here, id, there);
		await here.edit('articles', '1', { title: 'Here' });
		there.wall.now += 1000;
		await there.edit('articles', '1', { title: 'There' });
		await tell(there, here);
		expect((await here.ports.checkpoints.read('right')).health.conflicts).toBe(1);
		expect((await here.ports.checkpoints.read(OWN_CHECKPOINT)).health.conflicts).toBe(1);
	});
});
