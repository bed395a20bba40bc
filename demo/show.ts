/** The show: what people do in one place, and when it is seen in the others. */
import type { Item } from '../test/support/api.ts';
import type { Instance } from '../test/support/instance.ts';
import { has, isGone, PATIENCE_MS, watch } from './arrival.ts';
import { FIRST_AUTHORS, firstArticles } from './content.ts';
import * as report from './report.ts';

const EDITS_DURING_OUTAGE = 25;
/** A remote that was down is tried again after a growing pause. */
const CATCH_UP_PATIENCE_MS = 120_000;

type Look = (place: Instance) => Promise<boolean>;

/** Plays all scenes; false when anything did not arrive. */
export async function perform([berlin, lagos, lima]: [Instance, Instance, Instance]): Promise<boolean> {
	const all = [berlin, lagos, lima];
	let complete = true;

	/** Reports when `look` holds in all places but where it was done, counted from the answer to the save. */
	async function follow(what: string, places: Instance[], look: Look, patienceMs = PATIENCE_MS): Promise<void> {
		const seen = await watch(places, look, { patienceMs });
		report.arrivals(what, seen);
		complete &&= seen.every(({ ms }) => ms !== null);
	}

	report.scene('First content');
	const authors = await berlin.createItems('authors', FIRST_AUTHORS);
	const articles = await berlin.createItems('articles', firstArticles(authors.map(({ id }) => id)));
	const [first, second, third] = articles as [Item, Item, Item];
	const total = async (place: Instance) =>
		(await place.readItems('authors')).length === authors.length &&
		(await place.readItems('articles')).length === articles.length;
	await follow(`Berlin adds ${authors.length} authors, ${articles.length} articles`, [lagos, lima], total);

	report.scene('Edits on all sides');
	const id = String(first.id);
	await berlin.updateItem('articles', id, { title: 'How rivers remember us' });
	await follow('Berlin changes a title', [lagos, lima], has(id, { title: 'How rivers remember us' }));
	await lima.updateItem('articles', id, { summary: 'A flood plain keeps a diary. We can read it.' });
	await follow('Lima rewrites the summary of the same', [berlin, lagos], (place) =>
		has(id, { title: 'How rivers remember us', summary: 'A flood plain keeps a diary. We can read it.' })(place),
	);
	const added = await lagos.createItem('articles', {
		title: 'Lagoon at dawn',
		status: 'draft',
		author: authors[0]?.id,
	});
	await follow('Lagos adds an article', [berlin, lima], has(added.id, { title: 'Lagoon at dawn', status: 'draft' }));
	await berlin.updateItem('articles', String(added.id), { status: 'published' });
	await follow('Berlin publishes it', [lagos, lima], has(added.id, { status: 'published' }));
	await lima.deleteItem('articles', String(third.id));
	await follow('Lima deletes an article', [berlin, lagos], isGone(third.id));

	report.scene('At the same moment');
	const key = String(second.id);
	await Promise.all([
		berlin.updateItem('articles', key, { title: 'The last night train to Lviv' }),
		lagos.updateItem('articles', key, { featured: true }),
	]);
	const merged = has(key, { title: 'The last night train to Lviv', featured: true });
	await follow('Berlin a title, Lagos "featured": both stay', all, merged);
	await Promise.all([
		lagos.updateItem('articles', key, { summary: 'Nineteen hours, says Lagos.' }),
		lima.updateItem('articles', key, { summary: 'Twenty hours, says Lima.' }),
	]);
	await follow('Lagos and Lima the same field: all agree', all, () => haveEqual(all, key));
	const agreed = await berlin.readItem('articles', key);
	report.aside(`The later save won: "${agreed?.summary}" The other one is in the revisions of its place.`);

	report.scene('An outage');
	await lagos.stop();
	report.line('Lagos is shut down.');
	await Promise.all(
		Array.from({ length: EDITS_DURING_OUTAGE }, (_, index) =>
			berlin.createItem('articles', { title: `Dispatch ${index + 1}`, status: 'published', author: authors[1]?.id }),
		),
	);
	await lima.updateItem('articles', id, { title: 'How rivers remember everything' });
	const dispatches: Look = async (place) =>
		(await place.readItems('articles', { filter: { title: { _starts_with: 'Dispatch' } } })).length ===
		EDITS_DURING_OUTAGE;
	await follow(`Berlin adds ${EDITS_DURING_OUTAGE} articles meanwhile`, [lima], dispatches);
	await follow('Lima changes a title meanwhile', [berlin], has(id, { title: 'How rivers remember everything' }));
	await lagos.start();
	report.line('Lagos is started again and catches up:');
	await Promise.all([
		follow(`all ${EDITS_DURING_OUTAGE} articles from Berlin`, [lagos], dispatches, CATCH_UP_PATIENCE_MS),
		follow('the title from Lima', [lagos], has(id, { title: 'How rivers remember everything' }), CATCH_UP_PATIENCE_MS),
	]);

	report.scene('What stayed at home');
	const withNotes = await Promise.all(all.map(async (place) => (await place.readItem('articles', id))?.notes));
	const kept = withNotes[0] !== null && withNotes.slice(1).every((notes) => notes === null);
	report.line(
		kept ? 'The notes Berlin wrote are in Berlin only: they are not listed in its sources.' : 'The notes left Berlin!',
	);
	return complete && kept;
}

async function haveEqual(places: Instance[], key: string): Promise<boolean> {
	const [one, ...others] = await Promise.all(places.map((place) => place.readItem('articles', key)));
	return others.every((other) => other?.summary === one?.summary);
}
