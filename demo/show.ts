/** The show: what people do in one place, and when it is seen in the others. */
import { replace, sha256 } from '../test/support/files.ts';
import type { Instance } from '../test/support/instance.ts';
import { differences, readModelContent } from '../test/support/model-content.ts';
import { addPicture, fillMagazine, HOME, type Magazine } from './content.ts';
import { DUSK, draw, LAGOON } from './pictures.ts';
import * as report from './report.ts';
import {
	agree,
	countAll,
	createStage,
	has,
	hasBytes,
	hasCount,
	hasSettings,
	isGone,
	type Stage,
	sectionsOf,
} from './stage.ts';

const EDITS_DURING_OUTAGE = 25;
/** A remote that was down is tried again after a growing pause. */
const CATCH_UP_PATIENCE_MS = 120_000;

/** Plays all scenes; false when anything did not arrive. */
export async function perform(instances: [Instance, Instance, Instance]): Promise<boolean> {
	const stage = createStage(instances);
	const magazine = await firstContent(stage);
	await editsOnAllSides(stage, magazine);
	await wholes(stage, magazine);
	await atTheSameMoment(stage, magazine);
	await outage(stage, magazine);
	await comparison(stage, magazine);
	return stage.complete();
}

async function firstContent({ berlin, lagos, lima, follow }: Stage): Promise<Magazine> {
	report.scene('First content');
	const magazine = await fillMagazine(berlin);
	const counts = await countAll(berlin);
	const total = counts.reduce((sum, count) => sum + count, 0);
	report.line(
		'Berlin adds articles with authors, translations, tags and pictures, a category tree, a page of sections,',
	);
	report.line(`redirects and the settings: ${total} items in ${counts.filter(Boolean).length} collections.`);
	await follow('  all of them', [lagos, lima], async (place) => String(await countAll(place)) === String(counts));
	return magazine;
}

async function editsOnAllSides(stage: Stage, { rivers, market, author, travel }: Magazine): Promise<void> {
	const { berlin, lagos, lima, follow } = stage;
	report.scene('Edits on all sides');

	const title = 'How rivers remember us';
	await berlin.updateItem('articles', rivers, { title });
	await follow('Berlin changes a title', [lagos, lima], has('articles', rivers, { title }));

	const body = 'A flood plain keeps a diary. We can read it.';
	await lima.updateItem('articles', rivers, { body });
	await follow('Lima rewrites the text of that article', [berlin, lagos], has('articles', rivers, { title, body }));

	const lagoon = { title: 'Lagoon at dawn', status: 'draft', author, category: travel };
	const { id } = await lagos.createItem('articles', lagoon);
	await follow('Lagos adds an article', [berlin, lima], has('articles', id as string, lagoon));

	await berlin.updateItem('articles', id as string, { status: 'published' });
	await follow('Berlin publishes it', [lagos, lima], has('articles', id as string, { ...lagoon, status: 'published' }));

	await lima.deleteItem('articles', market);
	await follow('Lima deletes an article', [berlin, lagos], isGone('articles', market));
}

/** What is more than one item: relations, order, bytes, the item that has another key in each place. */
async function wholes(stage: Stage, { rivers, picture }: Magazine): Promise<void> {
	const { berlin, lagos, lima, follow } = stage;
	report.scene('Translations, order, pictures, settings');

	const [translation] = await lima.sql<{ id: number }>('select id from articles_translations where articles_id = ?', [
		rivers,
	]);
	const title = 'Cómo nos recuerdan los ríos';
	await lima.updateItem('articles_translations', translation?.id as number, { title });
	await follow(
		'Lima mends a translation',
		[berlin, lagos],
		has('articles_translations', translation?.id as number, { title }),
	);

	const sections = await sectionsOf(lagos);
	const dragged = [...sections.slice(-1), ...sections.slice(0, -1)];
	const update = dragged.map(({ id }, index) => ({ id, sort: index + 1 }));
	await lagos.updateItem('pages', HOME, { sections: { create: [], update, delete: [] } });
	const order = String(dragged.map(({ id }) => id));
	const isInOrder = async (place: Instance) => String((await sectionsOf(place)).map(({ id }) => id)) === order;
	await follow('Lagos drags the last section to the top', [berlin, lima], isInOrder);

	const bytes = draw(DUSK);
	await replace(berlin, picture, bytes, { name: DUSK.name, type: 'image/svg+xml' });
	await follow('Berlin replaces a picture, its bytes too', [lagos, lima], hasBytes(picture, sha256(bytes)));

	await lima.data('PATCH', '/items/settings', { site_name: 'The Longer Way' });
	await lagos.data('PATCH', '/items/settings', { maintenance: true });
	const settings = { site_name: 'The Longer Way', maintenance: true };
	await follow('Lima and Lagos change the settings', stage.all, hasSettings(settings));
	const keys = new Set(
		(await Promise.all(stage.all.map((place) => place.sql<{ id: string }>('select id from settings')))).flatMap(
			(rows) => rows.map(({ id }) => id),
		),
	);
	report.aside(`They are one item, under ${keys.size} keys: each place has given its row a key of its own.`);
}

async function atTheSameMoment({ berlin, lagos, lima, all, follow }: Stage, { train }: Magazine): Promise<void> {
	report.scene('Edits of one article at the same moment');

	const title = 'The last night train to Lviv';
	const status = 'featured';
	await Promise.all([berlin.updateItem('articles', train, { title }), lagos.updateItem('articles', train, { status })]);
	await follow('two fields, Berlin and Lagos: both stay', all, has('articles', train, { title, status }));

	await Promise.all([
		lagos.updateItem('articles', train, { body: 'Nineteen hours, says Lagos.' }),
		lima.updateItem('articles', train, { body: 'Twenty hours, says Lima.' }),
	]);
	await follow('one field, Lagos and Lima: all agree', all, () => agree(all, train, 'body'));
	const agreed = await berlin.readItem('articles', train);
	report.aside(`The later save holds: "${agreed?.body}" The other is kept in the revisions where it was made.`);
}

async function outage({ berlin, lagos, lima, follow }: Stage, { rivers, author, folder }: Magazine): Promise<void> {
	report.scene('An outage');
	await lagos.stop();
	report.line('Lagos is shut down.');

	const dispatches = Array.from({ length: EDITS_DURING_OUTAGE }, (_, index) => `Dispatch ${index + 1}`);
	await Promise.all(dispatches.map((title) => berlin.createItem('articles', { title, status: 'published', author })));
	const image = await addPicture(lima, LAGOON, folder);
	const edit = { title: 'How rivers remember everything', image };
	await lima.updateItem('articles', rivers, edit);

	const hasDispatches = hasCount('articles', 'title', 'Dispatch', dispatches.length);
	const hasPicture = hasBytes(image, sha256(draw(LAGOON)));
	await Promise.all([
		follow(`Berlin adds ${dispatches.length} articles meanwhile`, [lima], hasDispatches),
		follow('Lima changes a title and its picture', [berlin], has('articles', rivers, edit)),
		follow('  the bytes of that picture', [berlin], hasPicture),
	]);

	await lagos.start();
	report.line('Lagos is started again and catches up:');
	await Promise.all([
		follow(`  the ${dispatches.length} articles from Berlin`, [lagos], hasDispatches, CATCH_UP_PATIENCE_MS),
		follow('  the title and picture from Lima', [lagos], has('articles', rivers, edit), CATCH_UP_PATIENCE_MS),
		follow('  the bytes of that picture', [lagos], hasPicture, CATCH_UP_PATIENCE_MS),
	]);
}

async function comparison({ berlin, lagos, lima, all, follow, fail }: Stage, { rivers }: Magazine): Promise<void> {
	report.scene('In the end');
	let found: string[] = [];
	await follow('every item and the bytes of every file: equal', all, async () => {
		const [here, ...elsewhere] = await Promise.all(all.map(readModelContent));
		found = elsewhere.flatMap((there) => (here ? differences(here, there) : []));
		return found.length === 0;
	});
	for (const difference of found.slice(0, 20)) report.line(difference);

	const [here, ...elsewhere] = await Promise.all(
		[berlin, lagos, lima].map(async (place) => (await place.readItem('articles', rivers))?.notes),
	);
	const stayed = Boolean(here) && elsewhere.every((notes) => notes === null);
	report.line(stayed ? 'The notes written in Berlin are in Berlin only.' : 'The notes did not stay in Berlin!');
	if (!stayed) fail();
}
