/** Files are items with one field more, whose value can't be told while their bytes are arriving. */
import { beforeEach, describe, expect, it } from 'vitest';
import { introduce } from '../../src/feed/introduce.ts';
import { settle } from '../../src/feed/settle.ts';
import { unchangedTouch } from '../../src/feed/touch.ts';
import { compose } from '../../src/push/compose.ts';
import { CONTENT, FILES, readContent } from '../../src/replication/file-content.ts';
import { createTestNode, nodeId, shape, source, type TestNode } from '../support/memory/node.ts';

const SHAPE = shape(FILES, { title: 'string', filename_download: 'string', [CONTENT]: 'json' });
const ALL = source('all', { schema: [{ collection: FILES, fields: ['title'] }] });

const content = (hash: string) => ({
	hash: hash.repeat(64),
	size: 3,
	type: 'image/png',
	width: 1,
	height: 1,
	duration: null,
});

describe('a file', () => {
	let node: TestNode;

	beforeEach(() => {
		node = createTestNode({ sources: [ALL], shapes: new Map([[FILES, SHAPE]]) });
	});

	/** Takes the bytes away that the test node would otherwise keep from earlier writes. */
	const arriving = (item: string) => {
		node.write(FILES, item, null);
		node.write(FILES, item, { title: 'Arriving' });
	};

	it('is listed with its bytes and its name, whatever else is listed', () => {
		expect(ALL.listing.get(FILES)?.fields).toEqual(['title', CONTENT, 'filename_download']);
	});

	it('is not settled before its bytes are there, and holds up nothing else', async () => {
		for (let item = 0; item < 600; item += 1) await node.edit(FILES, `arriving ${item}`, { title: 'Arriving' });
		await node.edit(FILES, 'whole', { title: 'Whole', [CONTENT]: content('a') });
		expect(await settle(node.ports)).toBe(1);
		expect(node.row(FILES, 'whole').seq).toBe(1);
		expect(node.row(FILES, 'arriving 0')).toMatchObject({ seq: null, life: 0 });

		node.write(FILES, 'arriving 0', { [CONTENT]: content('b') });
		expect(await settle(node.ports)).toBe(1);
		expect(node.row(FILES, 'arriving 0').stamps).toHaveProperty([CONTENT]);
	});

	it('has a new stamp for replaced bytes alone, and none for them when only its title is new', async () => {
		await node.edit(FILES, '1', { title: 'A', [CONTENT]: content('a') });
		await settle(node.ports);
		const first = node.row(FILES, '1').stamps;
		await node.edit(FILES, '1', { title: 'B' });
		await settle(node.ports);
		const second = node.row(FILES, '1').stamps;
		expect(second[CONTENT]).toEqual(first[CONTENT]);
		await node.edit(FILES, '1', { [CONTENT]: content('b') });
		await settle(node.ports);
		const third = node.row(FILES, '1').stamps;
		expect(third.title).toEqual(second.title);
		expect(third[CONTENT]).not.toEqual(second[CONTENT]);
	});

	it('whose bytes are being replaced is not sent, and comes again with a new place even if they turn out the same', async () => {
		await node.edit(FILES, '1', { title: 'A', [CONTENT]: content('a') });
		await settle(node.ports);
		const values = node.data.items.get([...node.data.items.keys()][0] as string);
		arriving('1');
		const [composed] = await compose(node.ports, ALL, await node.ports.feed.after(0, 10), nodeId(2));
		expect(composed?.change).toBeNull();
		expect(await settle(node.ports)).toBe(0);

		node.write(FILES, '1', values ?? null);
		expect(await settle(node.ports)).toBe(1);
		expect(node.row(FILES, '1').seq).toBe(2);
	});

	it('that is older than Data Sync counts as replaced by the upload that is arriving', async () => {
		arriving('1');
		const at = node.ports.clock.stamp();
		const touch = unchangedTouch({ collection: FILES, item: '1' }, at);
		await introduce(node.ports, [touch]);
		await node.ports.feed.touch([touch]);
		node.write(FILES, '1', { [CONTENT]: content('a') });
		await settle(node.ports);
		expect(node.row(FILES, '1').stamps).toMatchObject({ title: { at: node.ports.baseline }, [CONTENT]: { at } });
	});
});

describe('the content of a file', () => {
	it('is read as it was written', () => {
		expect(readContent(content('a'))).toEqual(content('a'));
		expect(readContent(null)).toBeNull();
	});

	it.each([
		['no object', 'a'],
		['a hash that is none', { ...content('a'), hash: '../../etc/passwd' }],
		['upper-case letters', content('A')],
		['a negative size', { ...content('a'), size: -1 }],
		['a size that is no number', { ...content('a'), size: '3' }],
		['a key too many', { ...content('a'), storage: 'local' }],
		['a key too few', { hash: 'a'.repeat(64), size: 3 }],
	])('is refused with %s', (_what, value) => {
		expect(readContent(value as never)).toBeUndefined();
	});
});
