/** The show: what people do in one place, and when it is seen in the others. */
import type { Item } from '../test/support/api.ts';
import type { Instance } from '../test/support/instance.ts';
import { FIRST_AUTHORS, firstArticles } from './content.ts';
import * as report from './report.ts';
import { agree, areEqual, createStage, has, hasCount, isGone, type Look, type Stage } from './stage.ts';

const EDITS_DURING_OUTAGE = 25;
/** A remote that was down is tried again after a growing pause. */
const CATCH_UP_PATIENCE_MS = 120_000;

/** Plays all scenes; false when anything did not arrive. */
export async function perform(instances: [Instance, Instance, Instance]): Promise<boolean> {
	const stage = createStage(instances);
	const { rivers, train, market, author } = await firstContent(stage);
	await editsOnAllSides(stage, rivers, market, author);
	await atTheSameMoment(stage, train);
	await outage(stage, rivers, author);
	await comparison(stage, rivers);
	return stage.complete();
}

async function firstContent({ berlin, lagos, lima, follow }: Stage) {
	report.scene('First content');
	const authors = await berlin.createItems('authors', FIRST_AUTHORS);
	const articles = await berlin.createItems('articles', firstArticles(authors.map(({ id }) => id)));
	const hasAuthors = hasCount('authors', 'name', '', authors.length);
	const hasArticles = hasCount('articles', 'title', '', articles.length);
	const all: Look = async (place) => (await hasAuthors(place)) && (await hasArticles(place));
	await follow(`Berlin adds ${authors.length} authors and ${articles.length} articles`, [lagos, lima], all);

	// Directus answers with new items in an order of its own.
	const idOf = (start: string) => String(articles.find(({ title }) => String(title).startsWith(start))?.id);
	return { rivers: idOf('How'), train: idOf('The last'), market: idOf('Market'), author: authors[0]?.id };
}

async function editsOnAllSides(stage: Stage, rivers: string, market: string, author: unknown): Promise<void> {
	const { berlin, lagos, lima, follow } = stage;
	report.scene('Edits on all sides');

	const title = 'How rivers remember us';
	await berlin.updateItem('articles', rivers, { title });
	await follow('Berlin changes a title', [lagos, lima], has(rivers, { title }));

	const summary = 'A flood plain keeps a diary. We can read it.';
	await lima.updateItem('articles', rivers, { summary });
	await follow('Lima rewrites the summary of that article', [berlin, lagos], has(rivers, { title, summary }));

	const lagoon: Item = { title: 'Lagoon at dawn', status: 'draft', author };
	const { id } = await lagos.createItem('articles', lagoon);
	await follow('Lagos adds an article', [berlin, lima], has(String(id), lagoon));

	await berlin.updateItem('articles', String(id), { status: 'published' });
	await follow('Berlin publishes it', [lagos, lima], has(String(id), { ...lagoon, status: 'published' }));

	await lima.deleteItem('articles', market);
	await follow('Lima deletes an article', [berlin, lagos], isGone(market));
}

async function atTheSameMoment({ berlin, lagos, lima, all, follow }: Stage, train: string): Promise<void> {
	report.scene('Edits of one article at the same moment');

	const title = 'The last night train to Lviv';
	await Promise.all([
		berlin.updateItem('articles', train, { title }),
		lagos.updateItem('articles', train, { featured: true }),
	]);
	await follow('two fields, Berlin and Lagos: both stay', all, has(train, { title, featured: true }));

	await Promise.all([
		lagos.updateItem('articles', train, { summary: 'Nineteen hours, says Lagos.' }),
		lima.updateItem('articles', train, { summary: 'Twenty hours, says Lima.' }),
	]);
	await follow('one field, Lagos and Lima: all agree', all, () => agree(all, train, 'summary'));
	const agreed = await berlin.readItem('articles', train);
	report.aside(`The later save holds: "${agreed?.summary}" The other is kept in the revisions where it was made.`);
}

async function outage({ berlin, lagos, lima, follow }: Stage, rivers: string, author: unknown): Promise<void> {
	report.scene('An outage');
	await lagos.stop();
	report.line('Lagos is shut down.');

	const dispatches = Array.from({ length: EDITS_DURING_OUTAGE }, (_, index) => `Dispatch ${index + 1}`);
	await Promise.all(dispatches.map((title) => berlin.createItem('articles', { title, status: 'published', author })));
	const title = 'How rivers remember everything';
	await lima.updateItem('articles', rivers, { title });

	const hasDispatches = hasCount('articles', 'title', 'Dispatch', dispatches.length);
	await Promise.all([
		follow(`Berlin adds ${dispatches.length} articles meanwhile`, [lima], hasDispatches),
		follow('Lima changes a title meanwhile', [berlin], has(rivers, { title })),
	]);

	await lagos.start();
	report.line('Lagos is started again and catches up:');
	await Promise.all([
		follow(`  the ${dispatches.length} articles from Berlin`, [lagos], hasDispatches, CATCH_UP_PATIENCE_MS),
		follow('  the title from Lima', [lagos], has(rivers, { title }), CATCH_UP_PATIENCE_MS),
	]);
}

async function comparison({ berlin, lagos, lima, all, follow, fail }: Stage, rivers: string): Promise<void> {
	report.scene('In the end');
	await follow('all items and shared values compared: equal', all, () => areEqual(all));

	const [here, ...elsewhere] = await Promise.all(
		[berlin, lagos, lima].map(async (place) => (await place.readItem('articles', rivers))?.notes),
	);
	const stayed = Boolean(here) && elsewhere.every((notes) => notes === null);
	report.line(stayed ? 'The notes written in Berlin are in Berlin only.' : 'The notes did not stay in Berlin!');
	if (!stayed) fail();
}
