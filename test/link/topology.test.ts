import { describe, expect, it } from 'vitest';
import { UNPROMISED } from '../../src/link/promises.ts';
import { pathFor, whoIsTold } from '../../src/link/topology.ts';
import type { Source } from '../../src/sources/port.ts';
import { createTestNode, nodeId, source } from '../support/memory/node.ts';

const articles = (fields: string[], options: object = {}) => [{ collection: 'articles', fields, ...options }];

/** The nodes said to be told what the first source is told; source n leads to node n. */
async function told(sources: Source[]): Promise<number[]> {
	const node = createTestNode({ sources });
	for (const [index, each] of sources.entries()) {
		await node.ports.checkpoints.saveLink(each.id, { node: nodeId(index + 1) });
	}
	const [first] = sources;
	return first ? (await whoIsTold(node.ports, first)).told.map((id) => Number.parseInt(id, 16)) : [];
}

describe('nodes told', () => {
	it('are the receiver and all that are told the same', async () => {
		expect(await told([source('a'), source('b'), source('c')])).toEqual([1, 2, 3]);
	});

	it('are those told more as well, but not those told less', async () => {
		const sources = [
			source('a', { schema: articles(['title']) }),
			source('b', { schema: articles(['title', 'body']) }),
			source('c', { schema: articles(['body']) }),
			source('d', { schema: [{ collection: 'pages', fields: ['title'] }] }),
			source('e', { schema: [...articles(['title']), { collection: 'pages', fields: ['title'] }] }),
		];
		expect(await told(sources)).toEqual([1, 2, 5]);
	});

	it('are not those behind a filter or without some events: they may not be told', async () => {
		const sources = [
			source('a', { schema: articles(['title']) }),
			source('b', { schema: articles(['title'], { filter: { title: { _eq: 'x' } } }) }),
			source('c', { schema: articles(['title'], { events: ['create', 'update'] }) }),
		];
		expect(await told(sources)).toEqual([1]);
	});

	it('are not those of a source that is not published', async () => {
		expect(await told([source('a'), source('b', { published: false })])).toEqual([1]);
	});

	it('include the receiver whatever its own source leaves out', async () => {
		const filtered = { schema: articles(['title'], { filter: { title: { _eq: 'x' } } }) };
		expect(await told([source('a', filtered), source('b', filtered)])).toEqual([1]);
	});

	it('stand beside those that may be told less, each in one of the two lists', async () => {
		const sources = [
			source('a', { schema: articles(['title']) }),
			source('b', { schema: articles(['body']) }),
			source('c', { schema: articles(['title', 'body']) }),
			source('d', { published: false }),
		];
		const node = createTestNode({ sources });
		// The second and the third lead to one node, which is told as much by the third.
		for (const [id, number] of Object.entries({ a: 1, b: 2, c: 2, d: 3 })) {
			await node.ports.checkpoints.saveLink(id, { node: nodeId(number) });
		}
		expect(await whoIsTold(node.ports, sources[0] as Source)).toEqual({
			receiver: nodeId(1),
			told: [nodeId(1), nodeId(2)],
			less: [nodeId(3)],
		});
	});

	it('are known but for the receiver before that is met for the first time', async () => {
		const sources = [source('a'), source('b', { schema: articles(['title']) })];
		const node = createTestNode({ sources });
		await node.ports.checkpoints.saveLink('b', { node: nodeId(2) });
		expect(await whoIsTold(node.ports, sources[0] as Source)).toEqual({ receiver: null, told: [], less: [nodeId(2)] });
	});

	it('are not those of a source that does not work', async () => {
		const sources = [source('a'), source('b'), source('c', { configurationError: 'no URL' })];
		const node = createTestNode({ sources });
		for (const { id } of sources) await node.ports.checkpoints.saveLink(id, { node: nodeId(sources.length) });
		await node.ports.checkpoints.saveLink('a', { node: nodeId(1) });
		await node.ports.checkpoints.saveTogether('b', { link: { node: nodeId(2) }, health: { notifiedAt: 1 } });
		expect((await whoIsTold(node.ports, source('a'))).told).toEqual([nodeId(1)]);
	});

	it('are not those nobody has met yet', async () => {
		const sources = [source('a'), source('b')];
		const node = createTestNode({ sources });
		await node.ports.checkpoints.saveLink('a', { node: nodeId(1) });
		expect(await whoIsTold(node.ports, sources[0] as Source)).toEqual({
			receiver: nodeId(1),
			told: [nodeId(1)],
			less: null,
		});
	});
});

describe('path of a batch', () => {
	const [self, a, b, c] = [nodeId(1), nodeId(2), nodeId(3), nodeId(4)];

	it('names those who have the row, this node, and those who are told as much', () => {
		expect(pathFor(self, [a], { receiver: b, told: [b], less: [] })).toEqual([a, self, b]);
	});

	it('names nobody twice', () => {
		expect(pathFor(self, [a, b], { receiver: b, told: [b, a], less: [] })).toEqual([a, self, b]);
	});

	it('trusts no path of old while a source has forgotten its node: that may be told less', () => {
		expect(pathFor(self, [a, b], { receiver: b, told: [b], less: null })).toEqual([self, b]);
	});

	it('names those who have the row before those who are being told, even while a source has forgotten its node', () => {
		expect(pathFor(self, [c], { receiver: b, told: [b, c], less: null })).toEqual([c, self, b]);
	});

	it('leaves out those who have all that they are told of the row, but are told less of it', () => {
		expect(pathFor(self, [a, c], { receiver: b, told: [b], less: [c] })).toEqual([a, self, b]);
	});

	it('promises nothing, and does not name the receiver, where promises of before are taken back', () => {
		expect(pathFor(self, [UNPROMISED], { receiver: b, told: [b, c], less: [] })).toEqual([c, self]);
	});
});
