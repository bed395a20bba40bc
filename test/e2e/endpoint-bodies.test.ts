/** A body that is malformed in any way is refused as a whole, in words that name the field. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createContent } from '../support/content.ts';
import { allow, giveToken } from '../support/data-sync.ts';
import { type Instance, startInstance } from '../support/instance.ts';
import { batch, change, PEER, stamp } from '../support/wire.ts';

type Refused = { errors: { message: string; extensions: { code: string } }[] };

const MINUTES = 60_000;

let instance: Instance;
let token: string;

beforeAll(async () => {
	instance = await startInstance({ name: 'receiver' });
	await createContent(instance);
	token = await giveToken(instance);
	await allow(instance, ['articles', 'pages']);
});

afterAll(() => instance.destroy());

async function post(body: string | Uint8Array<ArrayBuffer>, type = 'application/json') {
	const response = await fetch(`${instance.url}/data-sync/changes`, {
		method: 'POST',
		headers: { authorization: `Bearer ${token}`, 'content-type': type },
		body,
	});
	return { status: response.status, body: (await response.json()) as Refused };
}

/** Refused with a 4xx and these words, and nothing was written, not even what is right in the batch. */
async function expectRefused(answer: { status: number; body: Refused }, words: RegExp): Promise<void> {
	expect(answer.status).toBeGreaterThanOrEqual(400);
	expect(answer.status).toBeLessThan(500);
	expect(answer.body.errors[0]?.message).toMatch(words);
	expect(await instance.readItems('articles')).toEqual([]);
	expect(await instance.sql('select * from data_sync_changes')).toEqual([]);
}

describe('what is no JSON object', () => {
	test.each([
		['nothing', '', /protocol|body/i],
		['half an object', '{"protocol": 1, "node":', /JSON/],
		['plain text', 'hello', /JSON/],
		['an array', '[]', /protocol|body|object/i],
		['null', 'null', /JSON|body|object/i],
		['a number', '1', /JSON|body|object/i],
		['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), /JSON/],
	])('%s', async (_title, body, words) => {
		await expectRefused(await post(body), words);
	});

	test('JSON under another content type', async () => {
		await expectRefused(await post(JSON.stringify(batch()), 'text/plain'), /protocol|body/i);
	});
});

describe('a batch with', () => {
	const other = 'x'.repeat(300);
	const good = change();

	test.each<[string, RegExp, unknown]>([
		['no protocol', /protocol/, batch([good], { protocol: undefined })],
		['another protocol', /protocol.*same major version/, batch([good], { protocol: 2 })],
		['a protocol that is text', /protocol/, batch([good], { protocol: '1' })],
		['no node', /node/, batch([good], { node: undefined })],
		['a node id that is none', /node/, batch([good], { node: 'production' })],
		['no path', /path/, batch([good], { path: undefined })],
		['a path that is text', /path/, batch([good], { path: PEER })],
		['a path with something else in it', /path\.1/, batch([good], { path: [PEER, 'x'] })],
		['a path that is too long', /path/, batch([good], { path: Array(1001).fill(PEER) })],
		['a key that does not belong there', /extra/, batch([good], { extra: true })],
		['no changes', /changes/, batch(undefined, { changes: undefined })],
		['an empty list of changes', /changes/, batch([])],
		['changes that are no list', /changes/, batch({ 0: good })],
		['more changes than fit', /changes/, batch(Array.from({ length: 1001 }, () => change()))],
		['something else among its changes', /changes\.1/, batch([good, null])],
		['an item twice', /changes\.1\.item.*twice/, batch([good, { ...good, fields: { body: 'x' } }])],
	])('%s', async (_title, words, body) => {
		await expectRefused(await post(JSON.stringify(body)), words);
	});

	test.each<[string, RegExp, Record<string, unknown>]>([
		['no collection', /changes\.1\.collection/, { collection: undefined }],
		['an empty collection', /changes\.1\.collection/, { collection: '' }],
		['a collection that is a number', /changes\.1\.collection/, { collection: 7 }],
		['a collection that is too long', /changes\.1\.collection/, { collection: 'x'.repeat(65) }],
		['no item', /changes\.1\.item/, { item: undefined }],
		['an empty item', /changes\.1\.item/, { item: '' }],
		['an item that is a number', /changes\.1\.item/, { item: 7 }],
		['an item that is an object', /changes\.1\.item/, { item: { _neq: '' } }],
		['an item that is too long', /changes\.1\.item/, { item: 'x'.repeat(256) }],
		['no life', /changes\.1\.life/, { life: undefined }],
		['life 0', /changes\.1\.life/, { life: 0 }],
		['life between two', /changes\.1\.life/, { life: 1.5 }],
		['life beyond all', /changes\.1\.life/, { life: 2 ** 31 }],
		['a birth that is no stamp', /changes\.1\.born/, { born: 'yesterday' }],
		['a stamp that is none', /changes\.1\.at/, { at: '2024-01-01' }],
		['a stamp in capitals', /changes\.1\.at/, { at: stamp().toUpperCase() }],
		['no stamp', /changes\.1.*stamp/, { at: undefined }],
		['a stamp missing for one field', /changes\.1.*stamp/, { at: undefined, stamps: { body: stamp() } }],
		['a stamp of one field that is none', /changes\.1\.stamps\.title/, { stamps: { title: 'now' } }],
		['fields that are a list', /changes\.1\.fields/, { fields: ['title'] }],
		['fields that are text', /changes\.1\.fields/, { fields: 'title' }],
		['a field with an empty name', /changes\.1\.fields/, { fields: { '': 1 } }],
		['a field with a name that is too long', /changes\.1\.fields/, { fields: { ['x'.repeat(65)]: 1 } }],
		[
			'more fields than fit',
			/changes\.1\.fields/,
			{ fields: Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`f${index}`, 1])) },
		],
		['a mode that there is not', /changes\.1\.mode/, { mode: 'replace' }],
		['a key that does not belong there', /changes\.1\.user/, { user: other }],
	])('a change with %s', async (_title, words, overrides) => {
		const body = batch([change(), change(overrides)]);
		const answer = await post(JSON.stringify(body));
		await expectRefused(answer, words);
		expect(answer.body.errors[0]?.message.length).toBeLessThan(1000);
	});

	test.each(['__proto__', 'prototype', 'constructor'])('a field named %s', async (name) => {
		const bad = JSON.stringify(batch([change()])).replace('"title"', JSON.stringify(name));
		await expectRefused(await post(bad), /changes\.0\.fields.*__proto__, prototype, constructor/);
	});

	test('more bytes than MAX_PAYLOAD_SIZE', async () => {
		const body = JSON.stringify(batch([change({ fields: { title: 'x'.repeat(1_100_000) } })]));
		await expectRefused(await post(body), /too large/i);
	});
});

describe('stamps ahead of our clock', () => {
	test.each([
		['ten minutes: refused for now', { at: stamp(10 * MINUTES) }],
		['an hour, in one field only', { stamps: { title: stamp(60 * MINUTES) } }],
		['ten minutes, of the birth', { born: stamp(10 * MINUTES) }],
		['as far as stamps go', { at: `ffffffffffff-ffff-${PEER}0000` }],
	])('by %s', async (_title, overrides) => {
		const answer = await post(JSON.stringify(batch([change(), change(overrides)])));
		expect(answer.status).toBe(409);
		expect(answer.body.errors[0]?.extensions.code).toBe('CLOCK_AHEAD');
		await expectRefused(answer, /seconds ahead/);
	});

	test('by one minute are taken, and what is edited here afterwards is still newer', async () => {
		const ahead = change({ at: stamp(MINUTES) });
		expect((await post(JSON.stringify(batch([ahead])))).status).toBe(200);
		await instance.updateItem('articles', ahead.item as string, { title: 'Edited here' });
		const again = change({ item: ahead.item, at: stamp(MINUTES / 2), fields: { title: 'Older' } });
		const answer = await post(JSON.stringify(batch([again])));
		expect(answer.body).toMatchObject({ data: { results: [{ outcome: 'superseded' }] } });
		expect(await instance.readItem('articles', ahead.item as string)).toMatchObject({ title: 'Edited here' });
	});
});
