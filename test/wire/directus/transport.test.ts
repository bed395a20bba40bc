import { describe, expect, test } from 'vitest';
import { createTimestamp } from '../../../src/replication/timestamp.ts';
import { createTransport } from '../../../src/wire/directus/transport.ts';
import { isBusyRemote, isUnanswered, type RemoteError } from '../../../src/wire/remote-error.ts';
import { nodeId, source } from '../../support/memory/node.ts';

const remote = source('remote', { apiKey: 'secret-key-of-the-remote' });

/** A transport to a remote that gives this answer to everything. */
const answering = (answer: unknown) =>
	createTransport(
		async () => new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } }),
	);

test('a remote that repeats our key in its results does not get it shown to anybody', async () => {
	const message = `I was sent Bearer ${remote.apiKey} ${'x'.repeat(1000)}`;
	const transport = answering({ data: { results: [{ outcome: 'failed', code: 'internal', message }] } });
	const change = { collection: 'a', item: '1', life: 1, born: null, fields: {}, mode: 'upsert' as const };
	const batch = { node: nodeId(1), path: [], changes: [change] };
	const [result] = await transport.send(remote, batch as unknown as Parameters<typeof transport.send>[1]);
	expect(result?.message).toMatch(/^I was sent Bearer … x{1000}$/);
});

describe('a remote that asks to wait', () => {
	const SAID = { errors: [{ message: 'Under pressure', extensions: { code: 'SERVICE_UNAVAILABLE' } }] };
	const ask = (status: number, body: string, headers: Record<string, string> = {}) => {
		const type = { 'content-type': 'application/json' };
		return createTransport(async () => new Response(body, { status, headers: { ...type, ...headers } }))
			.info(remote)
			.catch((error: RemoteError) => error) as Promise<RemoteError>;
	};

	test.each<[string, number, string, Record<string, string>, boolean]>([
		['as Directus does under pressure', 503, JSON.stringify(SAID), {}, true],
		['with a time', 503, '', { 'retry-after': '7' }, true],
		['because it is asked too often', 429, '', {}, true],
		['as proxies do whose backend is down', 503, '<html>', { 'content-type': 'text/html' }, false],
		['in words of nobody', 503, '{"errors":[{"extensions":{"code":7}}]}', {}, false],
	])('%s', async (_title, status, body, headers, busy) => {
		const error = await ask(status, body, headers);
		expect(error).toMatchObject({ kind: 'overloaded', retryAfter: headers['retry-after'] ? 7000 : null });
		expect(isBusyRemote(error)).toBe(busy);
		expect(isUnanswered(error)).toBe(!busy);
	});
});

test('what a remote sends in place of an answer is not repeated', async () => {
	const nonsense = { data: { protocol: `secret-key-of-the-remote${'x'.repeat(100_000)}` } };
	const error: Error = await answering(nonsense)
		.info(remote)
		.then(() => new Error('none'))
		.catch((thrown: Error) => thrown);
	expect(error.message).toMatch(
		/^There is no Data Sync of this version at that URL \(data\.protocol: .*Expected number/,
	);
	expect(error.message).not.toContain('secret');
	expect(error.message.length).toBeLessThan(400);
});

describe('what a remote says of itself', () => {
	const INFO = {
		protocol: 1,
		node: nodeId(2),
		clock: createTimestamp({ millis: Date.now() + 60_000, counter: 0, writer: `${nodeId(2)}aaaa` }),
		receiver: true,
		limits: { payload: 100_000, changes: 500 },
	};
	const ask = (data: object) => answering({ data }).info(remote);

	test('is taken without what older ones leave out', async () => {
		const info = await ask(INFO);
		expect(info).toMatchObject({ node: nodeId(2), clock: INFO.clock, maxPayloadBytes: 100_000, maxChanges: 500 });
		expect(Math.abs(info.clockOffset - 60_000)).toBeLessThan(5_000);
	});

	test.each<[string, object, string, RegExp]>([
		['another protocol', { protocol: 2, node: 'new' }, 'incompatible', /speaks protocol 2, this instance 1/],
		['another user', { receiver: false }, 'unauthorised', /another user/],
		['room for next to nothing', { limits: { payload: 9_999, changes: 1 } }, 'misconfigured', /MAX_PAYLOAD_SIZE/],
		['no limits', { limits: null }, 'incompatible', /no Data Sync of this version/],
	])('with %s keeps us from sending, in words that say what to do', async (_title, changes, kind, words) => {
		await expect(ask({ ...INFO, ...changes })).rejects.toMatchObject({ kind, message: expect.stringMatching(words) });
	});
});
