import { beforeEach, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { type SourceFacts, sourceState } from '../../src/engine/source-state.ts';
import { nodeFacts, sourceStatus } from '../../src/engine/status.ts';
import { RemoteError } from '../../src/wire/remote-error.ts';
import { createTestNetwork, type TestNetwork } from '../support/memory/network.ts';
import { createTestNode, source, type TestNode } from '../support/memory/node.ts';

describe('the state of a source', () => {
	const all: SourceFacts = {
		published: true,
		isFailing: false,
		isMisconfigured: false,
		isBehind: false,
		failed: 0,
		pending: 0,
		isIncomplete: false,
	};

	it('is synced when nothing speaks against it', () => expect(sourceState(all)).toBe('synced'));

	it('is the first thing that speaks against it', () => {
		const worse: Partial<SourceFacts>[] = [
			{ isIncomplete: true },
			{ pending: 1 },
			{ failed: 1 },
			{ isBehind: true },
			{ isMisconfigured: true },
			{ isFailing: true },
			{ published: false },
		];
		let facts = all;
		const states = worse.map((more) => {
			facts = { ...facts, ...more };
			return [sourceState({ ...all, ...more }), sourceState(facts)];
		});
		const words = ['incomplete', 'waiting', 'refused', 'behind', 'misconfigured', 'failing', 'paused'];
		expect(states).toEqual(words.map((word) => [word, word]));
	});
});

describe('the status', () => {
	let network: TestNetwork;
	let node: TestNode;
	let remote: TestNode;
	let engine: Engine;

	beforeEach(() => {
		network = createTestNetwork();
		node = createTestNode({ sources: [source('a')], transport: network.transport });
		remote = createTestNode({ number: 2 });
		network.join('https://a.example', remote.ports);
		engine = createEngine(node.ports, { isAutomatic: async () => true });
	});

	const status = async (id = 'a') => {
		const found = node.data.sources.find((each) => each.id === id);
		if (!found) throw new Error(`no source ${id}`);
		return sourceStatus(node.ports, found, await nodeFacts(node.ports, engine.unsettleable()));
	};

	it('is behind before the first push, and synced after it', async () => {
		expect(await status()).toMatchObject({ state: 'behind' });
		await node.edit('articles', '1', { title: 'A' });
		await engine.push();
		expect(await status()).toMatchObject({ state: 'synced', lag: 0, unsettled: 0, error: null });
	});

	it('is behind with anything unsettled in a collection that it lists', async () => {
		await engine.push();
		node.data.sources.push(source('pages', { schema: [{ collection: 'pages', fields: ['title'] }] }));
		network.join('https://pages.example', createTestNode({ number: 3 }).ports);
		await engine.push();
		await node.edit('articles', '1', { title: 'A' });
		expect(await status()).toMatchObject({ state: 'behind', lag: 0, unsettled: 1 });
		expect(await status('pages')).toMatchObject({ state: 'synced', unsettled: 0 });
	});

	it("is behind while a committed write is in nobody's feed, as after a crash", async () => {
		await engine.push();
		node.data.markers.set('m', { id: 'm', floor: 0, createdAt: 0 });
		expect(await status()).toMatchObject({ state: 'behind' });
	});

	it('is behind once its configuration was changed, until all is told under that', async () => {
		await node.edit('articles', '1', { title: 'A' });
		await engine.push();
		node.data.sources = [source('a', { schema: [{ collection: 'articles', fields: ['title'] }] })];
		expect(await status()).toMatchObject({ state: 'behind' });
		await engine.push();
		expect(await status()).toMatchObject({ state: 'synced' });
	});

	it('is misconfigured with a filter that can not be used, though there is nothing to be sent', async () => {
		const schema = [{ collection: 'articles', fields: ['title'], filter: { mood: { _eq: 'good' } } }];
		node.data.sources = [source('a', { schema })];
		await engine.push();
		const error = expect.stringMatching(/filter of "articles" can't be used.*"mood"/);
		expect(await status()).toMatchObject({ state: 'misconfigured', error, lag: 0 });
		await node.edit('articles', '1', { title: 'A' });
		await engine.push();
		expect(await status()).toMatchObject({ state: 'failing', error, lag: 1 });
		expect(node.data.reports.get('a')).toMatchObject({ error });
	});

	it('is failing with a collection that can not be read', async () => {
		await engine.push();
		const { items } = node.ports;
		node.ports.items = { ...items, read: () => Promise.reject(new Error('no such table')) };
		engine = createEngine(node.ports, { isAutomatic: async () => true });
		await node.edit('articles', '1', { title: 'A' });
		await engine.push();
		const error = expect.stringMatching(/"articles".*no such table/);
		expect(await status()).toMatchObject({ state: 'failing', unsettled: 1, error });
		node.ports.items = items;
		engine = createEngine(node.ports, { isAutomatic: async () => true });
		await engine.push();
		expect(await status()).toMatchObject({ state: 'synced', error: null });
	});

	it('is failing after a failure, and paused when it is not published', async () => {
		network.fault = () => new RemoteError('unreachable', 'Gone.');
		await node.edit('articles', '1', { title: 'A' });
		await engine.push();
		expect(await status()).toMatchObject({ state: 'failing', lag: 1, error: 'Gone.' });
		node.data.sources = [source('a', { published: false })];
		expect(await status()).toMatchObject({ state: 'paused' });
	});

	it('is incomplete with references left out', async () => {
		node.data.sources = [source('a', { schema: [{ collection: 'comments', fields: ['text', 'article'] }] })];
		await node.edit('articles', '1', { title: 'Not listed' });
		await node.edit('comments', '1', { text: 'C', article: '1' });
		await engine.push();
		expect(await status()).toMatchObject({ state: 'incomplete', lag: 0, warnings: [{ field: 'article' }] });
	});
});
