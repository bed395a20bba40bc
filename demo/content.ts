/** The first content of the magazine, by nested requests as a migration would write it. */
import type { Item } from '../test/support/api.ts';
import { upload } from '../test/support/files.ts';
import type { Instance } from '../test/support/instance.ts';
import { draw, LOGO, POTATOES, RIVER, TRAIN } from './pictures.ts';

/** What the show edits later on: the keys of some of the first items. */
export type Magazine = {
	rivers: string;
	train: string;
	market: string;
	author: string;
	picture: string;
	folder: string;
	travel: string;
};

/** The page that the settings name. */
export const HOME = 'home';

export async function fillMagazine(place: Instance): Promise<Magazine> {
	const folder = await createFolders(place);
	const [river, train, potatoes, logo] = await Promise.all(
		[RIVER, TRAIN, POTATOES, LOGO].map((picture) => addPicture(place, picture, folder)),
	);
	await place.createItems('languages', [
		{ code: 'en', name: 'English' },
		{ code: 'es', name: 'Español' },
	]);
	const travel = await createCategories(place);
	const [amara, jonas, lucia] = await createInOrder(place, 'authors', [
		{ name: 'Amara Okafor', portrait: river },
		{ name: 'Jonas Weber', portrait: train },
		{ name: 'Lucía Quispe', portrait: potatoes },
	]);
	const [nature, food] = await createInOrder(place, 'tags', [{ label: 'nature' }, { label: 'food' }]);

	const article = (title: string, summary: string, more: Item): Item => ({
		title,
		status: 'published',
		body: `${summary}\n\nThe rest of this article is left to the reader.`,
		...more,
	});
	const spanish = (title: string, summary: string) => [{ languages_code: 'es', title, summary }];
	const [rivers, sleeper, , market] = await createInOrder(place, 'articles', [
		article('How rivers remember', 'A flood plain keeps a diary of its own.', {
			author: amara,
			image: river,
			tags: [{ tags_id: nature }],
			translations: spanish('Cómo recuerdan los ríos', 'Una llanura lleva su propio diario.'),
			gallery: [{ directus_files_id: river }, { directus_files_id: potatoes }],
			notes: 'Check the photo rights before we print this.',
		}),
		article('The last sleeper to Lviv', 'Nineteen hours, two borders, one samovar.', {
			author: jonas,
			image: train,
			category: travel,
		}),
		article('Four thousand potatoes', 'A seed bank in the Andes and its keepers.', {
			author: lucia,
			image: potatoes,
			tags: [{ tags_id: nature }, { tags_id: food }],
			translations: spanish('Cuatro mil papas', 'Un banco de semillas en los Andes.'),
		}),
		article('Market day', 'What the stalls sell when nobody is looking.', {
			author: amara,
			tags: [{ tags_id: food }],
		}),
	]);
	// Articles have authors, and authors a favourite among the articles: a ring.
	await place.updateItem('authors', amara as string, { favourite: sleeper });
	await createPages(place, { train, potatoes });
	await place.data('PATCH', '/items/settings', { site_name: 'The Long Way', logo, home: HOME, maintenance: false });
	await place.createItems('redirects', [
		{ path: '/rivers', target: '/articles/how-rivers-remember', permanent: true },
		{ path: '/old-home', target: '/', permanent: false },
	]);
	return {
		rivers: rivers as string,
		train: sleeper as string,
		market: market as string,
		author: amara as string,
		picture: river as string,
		folder,
		travel,
	};
}

async function createFolders(place: Instance): Promise<string> {
	const magazine = await place.createItem('directus_folders', { name: 'Magazine' });
	const pictures = await place.createItem('directus_folders', { name: 'Pictures', parent: magazine.id });
	return pictures.id as string;
}

export async function addPicture(
	place: Instance,
	picture: Parameters<typeof draw>[0],
	folder: string,
): Promise<string> {
	const { name, title } = picture;
	const { id } = await upload(place, draw(picture), { name, title, type: 'image/svg+xml', folder });
	return id as string;
}

/** Three levels of one tree; gives the leaf. */
async function createCategories(place: Instance): Promise<string> {
	const leaf = {
		name: 'Night trains',
		sort: 1,
		parent: { name: 'Travel', sort: 1, parent: { name: 'World', sort: 1 } },
	};
	return (await place.createItem('categories', leaf)).id as string;
}

async function createPages(place: Instance, { train, potatoes }: Record<'train' | 'potatoes', unknown>): Promise<void> {
	await place.createItem('pages', {
		slug: HOME,
		title: 'Home',
		sections: [
			{ collection: 'section_texts', item: { text: 'Stories for people with time.' }, sort: 1 },
			{ collection: 'section_images', item: { caption: 'From the archive', image: train }, sort: 2 },
			{ collection: 'section_images', item: { caption: 'From the kitchen', image: potatoes }, sort: 3 },
		],
	});
}

/** Directus answers with new items in an order of its own; here their keys come in that of the items. */
async function createInOrder(place: Instance, collection: string, items: Item[]): Promise<unknown[]> {
	const keys: unknown[] = [];
	for (const item of items) keys.push((await place.createItem(collection, item)).id);
	return keys;
}
