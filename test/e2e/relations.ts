/** A whole content model between two instances: what an admin lists, and what of it arrives. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item, Key } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { allow, connect } from '../support/data-sync.ts';
import type { Instance } from '../support/instance.ts';
import { createModel, MODEL, MODEL_COLLECTIONS } from '../support/model.ts';
import type { Pair } from '../support/pair.ts';
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

const LISTING = MODEL.map((entry) =>
	entry.collection === 'articles' ? { ...entry, filter: { status: { _neq: 'draft' } } } : entry,
);

export function describeRelations(title: string, pair: Pair): void {
	describe(title, () => {
		let sender: Instance;
		let receiver: Instance;
		let proxy: RecordingProxy;

		beforeAll(async () => {
			[sender, receiver] = await pair.start();
			await Promise.all([sender, receiver].map(createModel));
			proxy = await startRecordingProxy(() => receiver.url);
			await allow(receiver, [...MODEL_COLLECTIONS, 'directus_files', 'directus_folders']);
			await connect(sender, receiver, LISTING, { url: proxy.url });
		});
		afterAll(async () => {
			await proxy.close();
			await pair.end();
		});

		const arrives = (collection: string, key: Key, values: Item) =>
			waitFor(`${collection} ${key} to arrive`, async () => {
				expect(await receiver.readItem(collection, key)).toMatchObject(values);
				return true;
			});
		const rows = (instance: Instance, collection: string, filter: Item) => instance.readItems(collection, { filter });

		test('the rows behind listed aliases travel with what they belong to', async () => {
			await sender.createItems('languages', [
				{ code: 'en', name: 'English' },
				{ code: 'pt-BR', name: 'Português' },
			]);
			const { id } = await sender.createItem('articles', {
				title: 'Whole',
				status: 'published',
				author: { name: 'Ana' },
				category: { name: 'Leaf', parent: { name: 'Branch', parent: { name: 'Root' } } },
				tags: [{ tags_id: { label: 'One' } }, { tags_id: { label: 'Two' } }],
				translations: [
					{ languages_code: 'en', title: 'Whole', summary: 'All of it' },
					{ languages_code: 'pt-BR', title: 'Inteiro', summary: 'Tudo' },
				],
			});
			await sender.createItem('pages', {
				slug: 'home/início 1',
				title: 'Home',
				sections: [
					{ collection: 'section_texts', item: { text: 'Welcome' }, sort: 1 },
					{ collection: 'section_images', item: { caption: 'A picture' }, sort: 2 },
				],
			});
			await waitUntilDelivered(sender);
			const fields = '*,author.*,category.parent.parent.name,tags.tags_id.label,translations.*';
			const whole = { fields, filter: { id: { _eq: id } }, deep: { translations: { _sort: ['id'] } } };
			expect(await receiver.readItems('articles', whole)).toEqual(await sender.readItems('articles', whole));
			const page = {
				fields:
					'title,sections.sort,sections.collection,sections.item:section_texts.text,sections.item:section_images.caption',
			};
			expect(await receiver.readItems('pages', page)).toEqual(await sender.readItems('pages', page));
			expect((await receiver.readItems('pages', page))[0]?.sections).toHaveLength(2);
		});

		test('rows that belong to what the filter keeps back stay with it, and come when it comes', async () => {
			const { id } = await sender.createItem('articles', {
				title: 'hidden-title',
				status: 'draft',
				tags: [{ tags_id: { label: 'A visible tag' } }],
				translations: [{ languages_code: 'en', title: 'hidden-translation' }],
			});
			await waitUntilDelivered(sender);
			expect(await receiver.readItem('articles', id as string)).toBeNull();
			expect(await rows(receiver, 'articles_translations', { articles_id: { _eq: id } })).toEqual([]);
			expect(proxy.wire()).not.toContain('hidden');

			await sender.updateItem('articles', id as string, { status: 'published' });
			await arrives('articles', id as string, { title: 'hidden-title' });
			await waitUntilDelivered(sender);
			expect(await rows(receiver, 'articles_translations', { articles_id: { _eq: id } })).toMatchObject([
				{ title: 'hidden-translation' },
			]);
			expect(await rows(receiver, 'articles_tags', { articles_id: { _eq: id } })).toHaveLength(1);

			await sender.updateItem('articles', id as string, { status: 'draft', title: 'Withdrawn' });
			await arrives('articles', id as string, { status: 'draft', title: 'Withdrawn' });
			const [translation] = await rows(sender, 'articles_translations', { articles_id: { _eq: id } });
			await sender.updateItem('articles_translations', translation?.id as Key, { title: 'Withdrawn as well' });
			await arrives('articles_translations', translation?.id as Key, { title: 'Withdrawn as well' });
		});

		test('in the end nothing is left to deliver', async () => {
			await waitUntilDelivered(sender);
		});
	});
}
