import { describe, expect, it } from 'vitest';
import type { FilesPort } from '../../src/files/port.ts';
import { exchange } from '../../src/push/exchange.ts';
import type { Change } from '../../src/replication/change.ts';
import { CONTENT, FILES } from '../../src/replication/file-content.ts';
import type { Timestamp } from '../../src/replication/timestamp.ts';
import type { ChangeResult } from '../../src/wire/result.ts';
import { source } from '../support/memory/node.ts';

const REMOTE = source('remote');
const AT = '000000000001-0000-0000000000010000' as Timestamp;
const content = { hash: 'a'.repeat(64), size: 3, type: 'text/plain', width: null, height: null, duration: null };

const change = (collection: string, item: string, fields: Change['fields'] = {}): { change: Change } => ({
	change: { collection, item, life: 1, born: null, fields, mode: 'upsert' },
});
const file = (item: string) => change(FILES, item, { [CONTENT]: { at: AT, value: content } });

const WANTED: ChangeResult = { outcome: 'wanted', code: 'missing_file' };
const ORPHAN: ChangeResult = { outcome: 'pending', code: 'missing_parent' };
const APPLIED: ChangeResult = { outcome: 'applied' };

/** Answers each round with what is given for it. */
function createRemote(rounds: ChangeResult[][], failure: ChangeResult | null = null) {
	const sent: string[][] = [];
	const uploaded: string[] = [];
	const files: FilesPort = {
		upload: async (_source, item) => {
			uploaded.push(item);
			return failure;
		},
	};
	const send = async (part: { change: Change }[]) => {
		sent.push(part.map((each) => each.change.item));
		return rounds[sent.length - 1] ?? [];
	};
	return { files, send, sent, uploaded };
}

describe('exchange', () => {
	it('sends no bytes that nobody asks for', async () => {
		const remote = createRemote([[APPLIED]]);
		expect(await exchange(remote.files, REMOTE, [file('1')], remote.send)).toEqual([APPLIED]);
		expect(remote).toMatchObject({ sent: [['1']], uploaded: [] });
	});

	it('sends the bytes that are asked for, then the change again, with what waited for it', async () => {
		const changes = [change('articles', 'child'), change('articles', 'other'), file('1')];
		const remote = createRemote([
			[ORPHAN, APPLIED, WANTED],
			[APPLIED, APPLIED],
		]);
		expect(await exchange(remote.files, REMOTE, changes, remote.send)).toEqual([APPLIED, APPLIED, APPLIED]);
		expect(remote).toMatchObject({
			sent: [
				['child', 'other', '1'],
				['child', '1'],
			],
			uploaded: ['1'],
		});
	});

	it('makes a failed upload the result of that file alone', async () => {
		const failure: ChangeResult = { outcome: 'pending', code: 'missing_file', message: 'The connection broke.' };
		const remote = createRemote([[WANTED, APPLIED, ORPHAN]], failure);
		const changes = [file('1'), change('articles', '2'), change('articles', '3')];
		expect(await exchange(remote.files, REMOTE, changes, remote.send)).toEqual([failure, APPLIED, ORPHAN]);
		expect(remote.sent).toHaveLength(1);
	});

	it('takes a file that is still wanted after its upload for pending, and does not send it over and over', async () => {
		const remote = createRemote([[WANTED], [WANTED]]);
		const [result] = await exchange(remote.files, REMOTE, [file('1')], remote.send);
		expect(result).toMatchObject({ outcome: 'pending', code: 'missing_file' });
		expect(remote.uploaded).toEqual(['1']);
	});

	it('leaves a file pending that the remote itself can not compare yet', async () => {
		const pending: ChangeResult = { outcome: 'pending', code: 'missing_file' };
		const remote = createRemote([[pending]]);
		expect(await exchange(remote.files, REMOTE, [file('1')], remote.send)).toEqual([pending]);
		expect(remote.uploaded).toEqual([]);
	});

	it('fails a change that the remote wants bytes of though it tells of none', async () => {
		const remote = createRemote([[WANTED]]);
		const [result] = await exchange(remote.files, REMOTE, [change('articles', '1')], remote.send);
		expect(result).toMatchObject({ outcome: 'failed', code: 'internal' });
	});

	it('says nothing of bytes when the changes themselves can not be sent', async () => {
		const remote = createRemote([]);
		const send = () => Promise.reject(new Error('unreachable'));
		await expect(exchange(remote.files, REMOTE, [file('1')], send)).rejects.toThrow('unreachable');
	});
});
