/**
 * The stage the show plays on: three instances, and an eye on whether everything arrives. It looks into the
 * databases: asking the API a hundred times a second would slow down what is being measured. The comparison at the
 * end goes through the API.
 */
import type { Item, Key } from '../test/support/api.ts';
import { assetHash } from '../test/support/files.ts';
import type { Instance } from '../test/support/instance.ts';
import { MODEL_COLLECTIONS } from '../test/support/model.ts';
import { waitFor } from '../test/support/wait-for.ts';
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

/** When each place first showed it; null where it never did. */
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

/** Whether an item has these values. */
export function has(collection: string, id: Key, values: Item): Look {
	return async (place) => {
		const [row] = await place.sql('select * from ?? where id = ?', [collection, id]);
		return row !== undefined && Object.entries(values).every(([name, value]) => isStored(row[name], value));
	};
}

/** Whether the settings, one item under a key of each place's own, have these values. */
export function hasSettings(values: Item): Look {
	return async (place) => {
		const rows = await place.sql('select * from settings');
		return rows.length === 1 && Object.entries(values).every(([name, value]) => isStored(rows[0]?.[name], value));
	};
}

/** Whether somebody who downloads the file gets these bytes. */
export const hasBytes =
	(file: string, sha256: string): Look =>
	async (place) =>
		(await assetHash(place, file)) === sha256;

export function isGone(collection: string, id: Key): Look {
	return async (place) => (await place.sql('select id from ?? where id = ?', [collection, id])).length === 0;
}

/** Whether there are so many items, of those whose `field` starts with `start`. */
export function hasCount(collection: string, field: string, start: string, count: number): Look {
	return async (place) => {
		const rows = await place.sql('select id from ?? where ?? like ?', [collection, field, `${start}%`]);
		return rows.length === count;
	};
}

/** How many items each collection of the model has, files and folders included. */
export async function countAll(place: Instance): Promise<number[]> {
	const counts: number[] = [];
	for (const collection of [...MODEL_COLLECTIONS, 'directus_files', 'directus_folders']) {
		const [row] = await place.sql<{ count: number }>('select count(*) as count from ??', [collection]);
		counts.push(Number(row?.count));
	}
	return counts;
}

/** The sections of the home page, in their order there. */
export async function sectionsOf(place: Instance): Promise<{ id: number }[]> {
	return place.sql<{ id: number }>("select id from pages_sections where pages_slug = 'home' order by sort");
}

/** Whether all places have the same value in a field of an article. */
export async function agree(places: Instance[], id: string, field: string): Promise<boolean> {
	const found = await Promise.all(places.map((place) => place.sql('select * from articles where id = ?', [id])));
	return new Set(found.map(([row]) => row?.[field])).size === 1;
}

/** SQLite has no booleans. */
function isStored(stored: unknown, value: unknown): boolean {
	return stored === (typeof value === 'boolean' ? Number(value) : value);
}
