/** The main job between two instances, whatever their database. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item } from '../support/api.ts';
import { waitUntilDelivered } from '../support/backlog.ts';
import { CONTENT, createContent } from '../support/content.ts';
import { connectAll } from '../support/data-sync.ts';
import type { Instance } from '../support/instance.ts';
import { waitFor } from '../support/wait-for.ts';

export type Pair = { start: () => Promise<[Instance, Instance]>; end: () => Promise<void> };

export function describeBothWays(title: string, pair: Pair): void {
	describe(title, () => {
		let instances: [Instance, Instance];

		beforeAll(async () => {
			instances = await pair.start();
			await Promise.all(instances.map(createContent));
			await connectAll(instances, CONTENT);
		});
		afterAll(() => pair.end());

		describe.each([
			['from the first to the second', 0, 1],
			['from the second to the first', 1, 0],
		] as const)('%s', (_direction, here, there) => {
			const sender = () => instances[here];
			const receiver = () => instances[there];
			/** Waits until an item has these values at the receiver. */
			const arrives = (collection: string, key: string | number, values: Item) =>
				waitFor(`${collection} ${key} at ${receiver().name}`, async () => {
					expect(await receiver().readItem(collection, key)).toMatchObject(values);
					return true;
				});
			/** The same for many items, in one request. */
			const allArrive = (collection: string, items: Item[]) =>
				waitFor(`${items.length} ${collection} at ${receiver().name}`, async () => {
					const found = await receiver().readItems(collection, { filter: { id: { _in: items.map(({ id }) => id) } } });
					const byId = new Map(found.map((item) => [item.id, item]));
					for (const item of items) expect(byId.get(item.id)).toMatchObject(item);
					return true;
				});
			const isGone = (collection: string, key: string | number) =>
				waitFor(`${collection} ${key} to be gone`, async () => (await receiver().readItem(collection, key)) === null);

			test('an item appears, changes and disappears', async () => {
				const { id } = await sender().createItem('articles', { title: 'Hello', body: 'World' });
				await arrives('articles', id as string, { title: 'Hello', body: 'World' });
				await sender().updateItem('articles', id as string, { title: 'Hello again' });
				await arrives('articles', id as string, { title: 'Hello again', body: 'World' });
				await sender().deleteItem('articles', id as string);
				await isGone('articles', id as string);
			});

			test('values of every kind arrive as they are', async () => {
				const values = {
					title: 'Ünïcødé 🎉 "quotes" \\ and a line\nbreak',
					body: 'x'.repeat(20_000),
					rating: -42,
					featured: true,
					tags: { deep: [1, 'two', { three: null }], empty: [] },
					price: '1234.5600',
					published_at: '2024-02-29T23:59:59.000Z',
				};
				const created = await sender().createItem('articles', values);
				await arrives('articles', created.id as string, {
					...values,
					price: created.price,
					published_at: created.published_at,
				});
				const emptied = Object.fromEntries(Object.keys(values).map((field) => [field, null]));
				await sender().updateItem('articles', created.id as string, emptied);
				await arrives('articles', created.id as string, emptied);
			});

			test('a batch is created, updated item by item and by keys, and deleted', async () => {
				const items = Array.from({ length: 30 }, (_, index) => ({ title: `Batch ${index}`, rating: index }));
				const created = await sender().createItems('articles', items);
				const ids = created.map(({ id }) => id as string);
				await allArrive('articles', created);

				const edits = ids.map((id, index) => ({ id, title: `Edited ${index}` }));
				await sender().data('PATCH', '/items/articles', edits);
				await allArrive(
					'articles',
					edits.map((edit, index) => ({ ...edit, rating: created[index]?.rating })),
				);

				const some = ids.slice(0, 20);
				await sender().data('PATCH', '/items/articles', { keys: some, data: { body: 'The same' } });
				await allArrive(
					'articles',
					some.map((id) => ({ id, body: 'The same' })),
				);

				const query = { filter: { title: { _starts_with: 'Edited' } } };
				await sender().data('PATCH', '/items/articles', { query, data: { featured: true } });
				await allArrive(
					'articles',
					ids.map((id) => ({ id, featured: true })),
				);

				await sender().data('DELETE', '/items/articles', ids);
				await waitFor('all of them to be gone', async () => {
					const left = await receiver().readItems('articles', { filter: { id: { _in: ids } } });
					return left.length === 0;
				});
			});

			test('a parent and its child written in one go arrive both, related', async () => {
				const nested = { title: 'With its author', author: { name: 'Ada' } };
				const { id, author } = await sender().createItem('articles', nested);
				await arrives('articles', id as string, { title: 'With its author', author });
				await arrives('authors', author as string, { name: 'Ada' });

				const edit = { title: 'Both edited', author: { id: author, name: 'Ada Lovelace' } };
				await sender().updateItem('articles', id as string, edit);
				await arrives('articles', id as string, { title: 'Both edited', author });
				await arrives('authors', author as string, { name: 'Ada Lovelace' });
			});

			test('keys that people choose travel, whatever is in them', async () => {
				const slug = `über uns, 100 % "ok" & more ${here}`;
				await sender().createItem('pages', { slug, title: 'About' });
				await waitFor('the page', async () =>
					(await receiver().readItems('pages')).some((page) => page.slug === slug && page.title === 'About'),
				);
				await sender().data('DELETE', '/items/pages', [slug]);
				await waitFor('the page to be gone', async () =>
					(await receiver().readItems('pages')).every((page) => page.slug !== slug),
				);
			});

			test('keys that are counted up stay the same, and counting goes on after them', async () => {
				const { id } = await sender().createItem('tickets', { title: 'Counted' });
				await arrives('tickets', id as number, { title: 'Counted' });
				const next = await receiver().createItem('tickets', { title: 'Next' });
				expect(next.id).toBeGreaterThan(id as number);
				await waitFor('the next one to come back', async () => {
					expect(await sender().readItem('tickets', next.id as number)).toMatchObject({ title: 'Next' });
					return true;
				});
			});

			test('a deleted item that is created again under its key appears again', async () => {
				const slug = `phoenix-${here}`;
				await sender().createItem('pages', { slug, title: 'First life' });
				await arrives('pages', slug, { title: 'First life' });
				await sender().deleteItem('pages', slug);
				await isGone('pages', slug);
				await sender().createItem('pages', { slug, title: 'Second life' });
				await arrives('pages', slug, { title: 'Second life' });
			});
		});

		test('edits of different fields of an item at the same time are both kept', async () => {
			const id = await createEverywhere(instances, { title: 'Start', body: 'Start' });
			await Promise.all([
				instances[0].updateItem('articles', id, { title: 'Title from the first' }),
				instances[1].updateItem('articles', id, { body: 'Body from the second' }),
			]);
			for (const instance of instances) {
				await waitFor(`both edits at ${instance.name}`, async () => {
					const merged = { title: 'Title from the first', body: 'Body from the second' };
					expect(await instance.readItem('articles', id)).toMatchObject(merged);
					return true;
				});
			}
		});

		test('edits of the same field at the same time end with one of them everywhere, the other kept in its revisions', async () => {
			const id = await createEverywhere(instances, { title: 'Start' });
			const titles = ['From the first', 'From the second'];
			await Promise.all(
				instances.map((instance, index) => instance.updateItem('articles', id, { title: titles[index] })),
			);
			for (const instance of instances) await waitUntilDelivered(instance);

			const [first, second] = await Promise.all(instances.map((instance) => instance.readItem('articles', id)));
			expect(first?.title).toBe(second?.title);
			expect(titles).toContain(first?.title);
			for (const [index, instance] of instances.entries()) {
				const filter = { collection: { _eq: 'articles' }, item: { _eq: id } };
				const revisions = await instance.readItems('directus_revisions', { filter });
				expect(JSON.stringify(revisions)).toContain(titles[index]);
			}
		});

		test('in the end all is equal and nothing is left to deliver', async () => {
			for (const instance of instances) await waitUntilDelivered(instance);
			for (const collection of ['articles', 'authors', 'pages', 'tickets']) {
				const [first, second] = await Promise.all(instances.map((instance) => instance.readItems(collection)));
				expect(second).toEqual(first);
			}
			for (const instance of instances) {
				expect(await instance.sql('select * from data_sync_writes')).toEqual([]);
				expect((await instance.log()).replace(/.*WARN: (Spatialite|PostGIS) isn't installed.*\n/, '')).toBe('');
			}
		});
	});
}

async function createEverywhere([first, second]: [Instance, Instance], values: Item): Promise<string> {
	const { id } = await first.createItem('articles', values);
	await waitFor('the item everywhere', () => second.readItem('articles', id as string));
	await waitUntilDelivered(first);
	return id as string;
}
