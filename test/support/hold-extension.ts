/**
 * A second extension in an instance under test, which holds a write open at a chosen point until it is let go. So a test
 * decides what happens in between, where otherwise a few milliseconds would.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instance } from './instance.ts';
import { waitFor } from './wait-for.ts';

const NAME = 'directus-extension-hold';

export type HoldAt =
	/** Before the write, after everything that is read for it. */
	| 'items.update'
	| 'items.create'
	| 'items.delete'
	/** After the write, in its transaction, before the commit. */
	| 'activity.create';

/** Whose writes are held. */
export type HoldWhom = 'editor' | 'data-sync';

const SOURCE = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const DATA_SYNC_USER = '7c6b6863-d298-453d-a192-4a343eb7ddd3';
const CONTENT = ['articles', 'authors', 'pages', 'tickets'];
export default ({ filter }) => {
	for (const event of ['items.create', 'items.update', 'items.delete', 'activity.create']) {
		filter(event, async (payload, meta, { accountability }) => {
			const collection = event === 'activity.create' ? payload.collection : meta.collection;
			if (!CONTENT.includes(collection) || !existsSync('hold.json')) return payload;
			const user = event === 'activity.create' ? payload.user : accountability?.user;
			const wanted = JSON.parse(readFileSync('hold.json', 'utf8'));
			if (wanted.event !== event || (wanted.whom === 'data-sync') !== (user === DATA_SYNC_USER)) return payload;
			writeFileSync('held', '');
			while (existsSync('hold.json')) await new Promise((resolve) => setTimeout(resolve, 5));
			return payload;
		});
	}
};
`;

/** For an instance's `prepare`. */
export async function installHoldExtension(directory: string): Promise<void> {
	const folder = join(directory, 'extensions', NAME);
	await mkdir(join(folder, 'dist'), { recursive: true });
	const manifest = {
		name: NAME,
		version: '1.0.0',
		type: 'module',
		'directus:extension': { type: 'hook', path: 'dist/index.js', source: 'src/index.js', host: '*' },
	};
	await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
	await writeFile(join(folder, 'dist/index.js'), SOURCE);
}

export type Hold = { untilHeld: () => Promise<void>; release: () => Promise<void> };

/** Holds the next writes of these users at this point. */
export async function hold({ name, directory }: Instance, whom: HoldWhom, event: HoldAt): Promise<Hold> {
	const [order, held] = [join(directory, 'hold.json'), join(directory, 'held')];
	await rm(held, { force: true });
	await writeFile(order, JSON.stringify({ whom, event }));
	return {
		untilHeld: async () => {
			await waitFor(`a write in ${name} to be held`, () => existsSync(held), { intervalMs: 5 });
		},
		release: () => rm(order, { force: true }),
	};
}
