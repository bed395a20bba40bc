/** The stage the show plays on: three instances, and an eye on whether everything arrives. */
import type { Item } from '../test/support/api.ts';
import type { Instance } from '../test/support/instance.ts';
import { waitFor } from '../test/support/wait-for.ts';
import { SHARED } from './content.ts';
import * as report from './report.ts';

export type Look = (place: Instance) => Promise<boolean>;

export type Stage = {
	berlin: Instance;
	lagos: Instance;
	lima: Instance;
	all: Instance[];
	/** Reports when each place first saw what `look` looks for, counted from now: the moment the save was answered. */
	follow: (what: string, places: Instance[], look: Look, patienceMs?: number) => Promise<void>;
	/** Notes something that is not as it should be. */
	fail: () => void;
	/** Whether everything arrived so far. */
	complete: () => boolean;
};

const POLL_MS = 10;
/** Long enough for a busy machine; a change that has not arrived by then is taken for lost. */
const PATIENCE_MS = 90_000;

export function createStage([berlin, lagos, lima]: [Instance, Instance, Instance]): Stage {
	let complete = true;
	return {
		berlin,
		lagos,
		lima,
		all: [berlin, lagos, lima],
		follow: async (what, places, look, patienceMs = PATIENCE_MS) => {
			const seen = await watch(places, look, patienceMs);
			report.arrivals(what, seen);
			complete &&= seen.every(({ ms }) => ms !== null);
		},
		fail: () => {
			complete = false;
		},
		complete: () => complete,
	};
}

/** Looks from outside, through the API; null where it was never seen. */
async function watch(places: Instance[], look: Look, timeoutMs: number): Promise<report.Arrival[]> {
	const start = performance.now();
	return Promise.all(
		places.map(async (place) => {
			try {
				await waitFor('arrival', () => look(place), { intervalMs: POLL_MS, timeoutMs });
				return { place: place.name, ms: performance.now() - start };
			} catch {
				return { place: place.name, ms: null };
			}
		}),
	);
}

/** Whether an article has these values. */
export function has(id: string, values: Item): Look {
	return async (place) => {
		const item = await place.readItem('articles', id);
		return item !== null && Object.entries(values).every(([name, value]) => item[name] === value);
	};
}

export function isGone(id: string): Look {
	return async (place) => (await place.readItem('articles', id)) === null;
}

/** Whether all places hold the same items with the same values, in everything that is shared. */
export async function areEqual(places: Instance[]): Promise<boolean> {
	const contents = await Promise.all(places.map(sharedContent));
	return contents.every((content) => content === contents[0]);
}

async function sharedContent(place: Instance): Promise<string> {
	const collections = SHARED.map(({ collection, fields }) =>
		place.readItems(collection, { fields: ['id', ...fields].join(','), sort: 'id' }),
	);
	return JSON.stringify(await Promise.all(collections));
}
